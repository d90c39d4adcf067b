import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  channelsFor,
  isConversationTopic,
  maxTopics,
  maxTopicsPerChannel,
  planChannels,
  queueTopic,
} from '../../src/notifications/topics.ts'

const topics = (count: number) =>
  Array.from({ length: count }, (_, index) => `v2.users.u${index}.conversations`)

test('topics are split into the fewest channels, each topic once', () => {
  for (const count of [0, 1, 999, 1_000, 1_001, maxTopics]) {
    const plan = planChannels(topics(count))
    assert.equal(plan.length, channelsFor(count))
    assert.deepEqual(plan.flat(), topics(count))
    assert.ok(plan.every((some) => some.length <= maxTopicsPerChannel))
  }
  assert.deepEqual(planChannels(['a', 'b', 'a']), [['a', 'b']])
})

test('topics keep the letter case of the configuration', () => {
  const topic = 'v2.users.U1.conversations.cobrowseSessions'
  assert.deepEqual(planChannels([topic]), [[topic]])
})

test('the channels of all topics leave one of 20 free for renewals', () => {
  assert.equal(channelsFor(maxTopics), 19)
})

for (const [topic, understood] of [
  [queueTopic('q1'), true],
  ['v2.users.u1.conversations', true],
  ['v2.users.u1.conversations.calls', true],
  ['v2.users.u1.conversations.cobrowseSessions', true],
  ['V2.Routing.Queues.Q1.Conversations.InternalMessages', true],
  ['v2.detail.events.conversation.c1.customer.start', true],
  ['v2.detail.events.conversation.C1.Customer.Start', true],
  ['v2.detail.events.conversation.{id}.customer.start', false],
  ['v2.users.u1.presence', false],
  ['v2.users.u1?conversations&presence', false],
  ['v2.users.u 1.conversations', false],
  ['', false],
] as const) {
  test(`${topic || 'no topic'} is ${understood ? 'understood' : 'not understood'}`, () => {
    assert.equal(isConversationTopic(topic), understood)
  })
}
