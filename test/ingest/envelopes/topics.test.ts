import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTopic, purposeOfTopic } from '../../../src/ingest/envelopes/topics.ts'

const detailTopics = [
  ['acd.end', 'acd'],
  ['acd.start', 'acd'],
  ['acw', 'agent'],
  ['attributes', undefined],
  ['contact', undefined],
  ['customer.end', 'customer'],
  ['customer.start', 'customer'],
  ['flow.end', undefined],
  ['flow.outcome', undefined],
  ['flow.start', undefined],
  ['outbound', undefined],
  ['user.end', 'agent'],
  ['user.start', 'agent'],
  ['voicemail.end', 'voicemail'],
  ['voicemail.start', 'voicemail'],
  ['wrapup', 'agent'],
] as const

for (const [topic, purpose] of detailTopics) {
  test(`${topic} is a detail topic and speaks of ${purpose ?? 'a participant it does not name'}`, () => {
    assert.deepEqual(parseTopic(`v2.detail.events.conversation.c-1.${topic}`), {
      kind: 'detail',
      conversationId: 'c-1',
      topic,
    })
    assert.equal(purposeOfTopic(topic), purpose)
  })
}

for (const [name, topic] of [
  ['v2.users.u-1.conversations', 'users.conversations'],
  ['v2.users.u-1.conversations.calls', 'users.conversations.calls'],
  ['v2.routing.queues.q-1.conversations', 'routing.queues.conversations'],
  ['v2.routing.queues.q-1.conversations.messages', 'routing.queues.conversations.messages'],
  ['v2.users.{id}.conversations', 'users.conversations'],
] as const) {
  test(`${name} is a snapshot topic`, () => assert.deepEqual(parseTopic(name), { kind: 'snapshot', topic }))
}

for (const name of [
  'channel.metadata',
  '',
  'v2.users.u-1.presence',
  'v2.users.u-1.conversationsummary',
  'v2.users.u-1.conversations.calls.more',
  'v2.routing.queues.q-1.users',
  'v2.detail.events.conversation.c-1',
  'v2.detail.events.conversation..customer.start',
  'v2.something.but.conversation.{id}.customer.start',
  'xv2.detail.events.conversation.c-1.customer.start',
  'v3.detail.events.conversation.c-1.customer.start',
  'v2.detail.events.conversation.c-1.customer.start\n',
]) {
  test(`${JSON.stringify(name)} is no conversation topic`, () => {
    assert.deepEqual(parseTopic(name), { kind: 'other' })
  })
}

// Once a topic named `constructor` took its purpose from Object.prototype, and the purpose was a function.
for (const name of ['constructor', '__proto__', 'toString.start', 'hasOwnProperty']) {
  test(`regression: ${name}, a property of every object, is no purpose`, () => {
    assert.equal(purposeOfTopic(name), undefined)
  })
}

test('an event without topic says no purpose', () => assert.equal(purposeOfTopic(undefined), undefined))
