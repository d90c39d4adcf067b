import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NodeStatus, type Role, seenLately, seesAllEvents } from '../../src/inbox/inbox.ts'

const node = (role: Role, fields: Partial<NodeStatus> = {}): NodeStatus => ({
  id: role,
  role,
  lastSeenAt: 0,
  delivers: false,
  rulesVersion: undefined,
  isThis: false,
  ...fields,
})
const self = node('all', { isThis: true })

test('a node sees all events if no other node takes any', () => {
  assert.equal(seesAllEvents(undefined), true, 'an inbox without nodes')
  assert.equal(seesAllEvents([]), true, 'not known yet')
  assert.equal(seesAllEvents([self]), true)
  assert.equal(seesAllEvents([self, node('deliver')]), false, 'it may have notification websockets')
  assert.equal(seesAllEvents([self, node('all')]), false)
  assert.equal(seesAllEvents([self, node('ingest')]), false)
})

test('a node was seen lately if it was seen less than a minute before the node that was seen last', () => {
  const at = (lastSeenAt: number) => ({ lastSeenAt })
  assert.deepEqual(seenLately([]), [])
  assert.deepEqual(seenLately([at(5)]), [at(5)], 'however long ago that was')
  assert.deepEqual(seenLately([at(100_000), at(40_001), at(40_000)]), [at(100_000), at(40_001)])
})
