import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AdminStatus } from '../../../src/cli/admin/answers.ts'
import { formatNodes } from '../../../src/cli/delivery/format-nodes.ts'

type Node = AdminStatus['nodes'][number]

const node = (id: string, fields: Partial<Node> = {}): Node => ({
  id,
  role: 'all',
  lastSeenAt: '2026-12-01T10:00:00.000Z',
  delivers: false,
  rulesVersion: 'r1',
  answers: false,
  ...fields,
})
const owner = node('a:1', { delivers: true, answers: true })
const old = { lastSeenAt: '2026-12-01T09:59:00.000Z' }

test('one node that delivers needs no line', () => {
  assert.deepEqual(formatNodes([owner]), [])
  assert.deepEqual(formatNodes([owner, node('b:1', old)]), [], 'the other was not seen for a minute')
})

test('several nodes: which one delivers, and how many stand by or only take events', () => {
  const ingest = [node('c:1', { role: 'ingest' }), node('d:1', { role: 'ingest' })]
  assert.deepEqual(formatNodes([owner, node('b:1')]), ['2 seen: a:1 delivers, 1 stands by'])
  assert.deepEqual(formatNodes([owner, node('b:1'), node('e:1', { role: 'deliver' }), ...ingest]), [
    '5 seen: a:1 delivers, 2 stand by, 2 only take events',
  ])
  assert.deepEqual(formatNodes([owner, ...ingest.slice(1)]), ['2 seen: a:1 delivers, 1 only takes events'])
})

test('no node delivers', () => {
  const answering = node('a:1', { answers: true })
  assert.deepEqual(formatNodes([answering]), [
    '1 seen: none delivers, 1 stands by',
    'Delivery, budget and counts are those of a:1, which answered and does not deliver',
  ])
})

test('different rules are shown with the nodes that have them', () => {
  const others = [node('b:1', { rulesVersion: 'r2' }), node('c:1', { rulesVersion: undefined }), node('d:1')]
  assert.equal(formatNodes([owner, ...others])[1], 'Their rules differ: a:1, d:1 r1; b:1 r2')
})
