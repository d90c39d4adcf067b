import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import type { NodeStatus, Nodes } from '../../src/inbox/inbox.ts'
import { createThisNode } from '../../src/inbox/this-node.ts'

const rules = { current: () => ({ version: 'r1' }) }
const create = () => createThisNode({ role: 'all', leaseMs: 10_000, rules, now: () => 5_000 })

const nodesWith = (fields: Partial<Nodes>): { readonly nodes: Nodes } => ({
  nodes: {
    mayDeliver: () => false,
    epoch: () => undefined,
    onChange: () => {},
    onPause: () => {},
    list: () => [],
    holdSuccessor: () => {},
    handOver: async () => {},
    ...fields,
  },
})

test('an inbox without nodes belongs to this one, which delivers', () => {
  const node = create()
  assert.equal(node.delivers({}), true)
  const id = `${hostname()}:${process.pid}`
  const expected = { id, role: 'all', lastSeenAt: 5_000, delivers: true, rulesVersion: 'r1', isThis: true }
  assert.deepEqual(node.all({}), [expected])
})

test('an inbox with nodes lists them', () => {
  const other: NodeStatus = {
    id: 'host-2:1',
    role: 'deliver',
    lastSeenAt: 1,
    delivers: true,
    rulesVersion: undefined,
    isThis: false,
  }
  assert.deepEqual(create().all(nodesWith({ list: () => [other] })), [other])
})

test('a node has the right to deliver also while it must wait before its first call', () => {
  assert.equal(create().delivers(nodesWith({ epoch: () => 3, mayDeliver: () => false })), true)
  assert.equal(create().delivers(nodesWith({ epoch: () => undefined })), false)
})
