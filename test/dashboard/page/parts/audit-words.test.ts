import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { auditWords } = await pageModule('parts/audit-words.js')

const wordsOf = (fields: object) => auditWords({ at: '2026-02-03T14:57:11Z', fields })

test('a resume says how long the pause was', () => {
  const [words, ...others] = wordsOf({ since: '2026-02-03T14:56:26Z' })
  assert.match(words, /^after a pause of 45 s \(from .*:26\)$/)
  assert.deepEqual(others, [])
})

test('a pause has its reason', () => {
  assert.deepEqual(wordsOf({ reason: 'maintenance' }), ['reason: maintenance'])
  assert.deepEqual(wordsOf({ reason: null }), [])
})

test('a change of dead letters has its number, and the ids or the filter', () => {
  assert.deepEqual(wordsOf({ requested: 4, ids: 'a, b, c, d', count: 3 }), [
    '3 of 4 requested',
    'ids: a, b, c, d',
  ])
  assert.deepEqual(wordsOf({ code: 'expired', since: '2026-02-03T10:00:00Z', count: 1_200 }), [
    '1,200',
    'code: expired',
    'since: 2026-02-03T10:00:00Z',
  ])
  assert.deepEqual(wordsOf({ all: true, count: 2 }), ['2 (all)'])
})
