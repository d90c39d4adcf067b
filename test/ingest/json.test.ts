import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readJson } from '../../src/ingest/json.ts'

const read = (text: string) => readJson(Buffer.from(text))
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

test('any JSON value is read', () => {
  for (const value of [null, 5, 'text', [1], { a: { b: [] } }])
    assert.deepEqual(read(JSON.stringify(value)), { kind: 'json', value })
})

test('what is no JSON is told without a word of it', () => {
  for (const text of ['', '{', 'hush', '{"hush":}']) assert.deepEqual(read(text), { kind: 'invalid' })
})

test('a value may be nested 65 levels deep: a batch of events of 64', () => {
  assert.equal(read(nested(65)).kind, 'json')
  assert.deepEqual(read(nested(66)), { kind: 'invalid', why: 'nested deeper than 64 levels' })
})

test('many brackets side by side, or in a text, are not deep', () => {
  for (const value of [Array(100).fill({}), Array(100).fill([]), '[{'.repeat(100)])
    assert.deepEqual(read(JSON.stringify(value)), { kind: 'json', value })
})

test('depth is found behind many brackets that are not deep', () => {
  assert.equal(read(`[${'[],'.repeat(100)}${nested(64)}]`).kind, 'json')
  assert.equal(read(`[${'[],'.repeat(100)}${nested(65)}]`).kind, 'invalid')
  assert.equal(read(`${'{"a":'.repeat(66)}1${'}'.repeat(66)}`).kind, 'invalid')
})
