import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeNodes } from '../../src/health/nodes-check.ts'
import type { NodeStatus } from '../../src/inbox/inbox.ts'

const node = (id: string, fields: Partial<NodeStatus> = {}): NodeStatus => ({
  id,
  role: 'all',
  lastSeenAt: 1_000_000,
  delivers: false,
  rulesVersion: 'r1',
  isThis: false,
  ...fields,
})

test('one node that delivers needs no check', () => {
  assert.equal(describeNodes([]), undefined)
  assert.equal(describeNodes([node('a', { delivers: true })]), undefined)
})

test('several nodes with the same rules are healthy', () => {
  const nodes = [node('a', { delivers: true }), node('b'), node('c', { rulesVersion: undefined })]
  assert.deepEqual(describeNodes(nodes), { ok: true, seen: 3, delivers: 'a' })
})

test('if no node delivers, the check says whether one can', () => {
  const standingBy = describeNodes([node('a'), node('b')])
  assert.equal(standingBy?.ok, false)
  assert.match(String(standingBy?.remedy), /OWNERSHIP_LEASE_MS/)
  const ingestOnly = describeNodes([node('a', { role: 'ingest' })])
  assert.match(String(ingestOnly?.remedy), /Start a node with ROLE=deliver/)
})

test('different rules are reported with the nodes that have them', () => {
  const check = describeNodes([node('a', { delivers: true }), node('b', { rulesVersion: 'r2' })])
  assert.equal(check?.ok, false)
  assert.match(String(check?.reason), /different rules \(a: r1, b: r2\)/)
})

test('a node that was not seen for a minute does not count', () => {
  const nodes = [node('a', { delivers: true }), node('b', { rulesVersion: 'r2', lastSeenAt: 900_000 })]
  assert.equal(describeNodes(nodes), undefined)
})
