import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import type { NodeStatus, Role } from '../../src/inbox/inbox.ts'
import { addFamily } from '../../src/metrics/families.ts'
import { nodeFamilies } from '../../src/metrics/node-families.ts'
import { valuesOf } from '../helpers/exposition.ts'

const node = (role: Role, lastSeenAt: number): NodeStatus => ({
  id: `${role}:${lastSeenAt}`,
  role,
  lastSeenAt,
  delivers: false,
  rulesVersion: undefined,
  isThis: false,
})

test('nodes counts those seen in the last minute by role, delivers follows the right of this node', async () => {
  let nodes: readonly NodeStatus[] = []
  let delivers = false
  const registry = new Registry()
  for (const family of nodeFamilies({ nodes: () => nodes, delivers: () => delivers }))
    addFamily(registry, family)
  const values = async (name: string) => valuesOf(await registry.metrics(), name)
  assert.deepEqual(await values('nodes'), { all: 0, ingest: 0, deliver: 0 })
  assert.deepEqual(await values('delivers'), { '': 0 })
  nodes = [node('ingest', 100_000), node('ingest', 99_000), node('deliver', 98_000), node('all', 40_000)]
  delivers = true
  assert.deepEqual(await values('nodes'), { all: 0, ingest: 2, deliver: 1 })
  assert.deepEqual(await values('delivers'), { '': 1 })
})
