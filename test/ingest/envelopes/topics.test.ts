import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  maxTopicLength,
  mediaTypeOfArray,
  mediaTypeOfTopic,
  parseTopic,
  purposeOfTopic,
  shortTopic,
} from '../../../src/ingest/envelopes/topics.ts'

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
  ['user.end', 'user'],
  ['user.start', 'user'],
  ['voicemail.end', 'voicemail'],
  ['voicemail.start', 'voicemail'],
  ['wrapup', 'agent'],
] as const

for (const [topic, purpose] of detailTopics) {
  test(`${topic} is a detail topic with the purpose ${purpose ?? 'undefined'}`, () => {
    assert.deepEqual(parseTopic(`v2.detail.events.conversation.c-1.${topic}`), {
      kind: 'detail',
      conversationId: 'c-1',
      topic,
    })
    assert.equal(purposeOfTopic(topic, undefined), purpose)
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

for (const [name, read] of [
  [
    'v2.users.U-1.conversations.cobrowseSessions',
    { kind: 'snapshot', topic: 'users.conversations.cobrowsesessions' },
  ],
  [
    'V2.Routing.Queues.q-1.Conversations.internalMessages',
    { kind: 'snapshot', topic: 'routing.queues.conversations.internalmessages' },
  ],
  [
    'V2.DETAIL.Events.Conversation.C-1.Customer.START',
    { kind: 'detail', conversationId: 'C-1', topic: 'customer.start' },
  ],
] as const) {
  test(`regression: ${name} is read in its letter case`, () => assert.deepEqual(parseTopic(name), read))
}

for (const name of [
  'v2.detail.events.conversation.{id}.customer.start',
  'v2.detail.events.conversation.{ID}.customer.start',
]) {
  test(`${name} has no conversation id`, () => {
    assert.deepEqual(parseTopic(name), { kind: 'detail', conversationId: undefined, topic: 'customer.start' })
  })
}

for (const [text, name] of [
  ['a snapshot topic', (length: number) => 'v2.users.u.conversations.'.padEnd(length, 'x')],
  ['a detail topic', (length: number) => 'v2.detail.events.conversation.c.'.padEnd(length, 'x')],
  [
    'a placeholder',
    (length: number) => `v2.detail.events.conversation.{${'i'.repeat(length - 47)}}.customer.start`,
  ],
  ['spaces', (length: number) => 'v2.users.u.conversations'.padStart(length)],
] as const) {
  test(`regression: ${text} of more than ${maxTopicLength} characters is no topic, because topics are keys in memory`, () => {
    assert.equal(name(maxTopicLength).length, maxTopicLength)
    assert.notEqual(parseTopic(name(maxTopicLength)).kind, 'other')
    assert.notEqual(shortTopic(name(maxTopicLength)), undefined)
    assert.equal(parseTopic(name(maxTopicLength + 1)).kind, 'other')
    assert.equal(shortTopic(name(maxTopicLength + 1)), undefined)
  })
}

for (const topic of ['user.start', 'user.end']) {
  test(`${topic} with a queue is an agent`, () => {
    assert.equal(purposeOfTopic(topic, 'q-1'), 'agent')
  })
}

for (const [media, mediaType] of [
  ['calls', 'voice'],
  ['callbacks', 'callback'],
  ['chats', 'chat'],
  ['cobrowsesessions', 'cobrowse'],
  ['emails', 'email'],
  ['messages', 'message'],
  ['internalmessages', 'internalmessage'],
  ['screenshares', 'screenshare'],
  ['socialexpressions', 'social'],
  ['videos', 'video'],
  ['unknown', undefined],
] as const) {
  test(`a snapshot of ${media} has the media type ${mediaType ?? 'undefined'}`, () => {
    assert.equal(mediaTypeOfTopic(`users.conversations.${media}`), mediaType)
    assert.equal(mediaTypeOfTopic(`routing.queues.conversations.${media}`), mediaType)
  })
}

for (const topic of ['users.conversations', 'routing.queues.conversations', 'user.start', '']) {
  test(`${topic || 'an empty topic'} has no media type`, () => {
    assert.equal(mediaTypeOfTopic(topic), undefined)
  })
}

test('media arrays have the names of Genesys Cloud', () => {
  assert.deepEqual(Object.keys(mediaTypeOfArray), [
    'calls',
    'callbacks',
    'chats',
    'cobrowsesessions',
    'emails',
    'messages',
    'internalMessages',
    'screenshares',
    'socialExpressions',
    'videos',
  ])
})

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
]) {
  test(`${JSON.stringify(name)} is not a conversation topic`, () => {
    assert.deepEqual(parseTopic(name), { kind: 'other' })
  })
}

// The topic `constructor` once got a function from Object.prototype as its purpose.
for (const name of ['constructor', '__proto__', 'toString.start', 'hasOwnProperty']) {
  test(`regression: ${name}, a property of every object, has no purpose`, () => {
    assert.equal(purposeOfTopic(name, 'q-1'), undefined)
    assert.equal(mediaTypeOfTopic(`users.conversations.${name}`), undefined)
  })
}

test('an event without topic has no purpose', () =>
  assert.equal(purposeOfTopic(undefined, undefined), undefined))
