import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DraftEvent } from '../../src/ingest/envelopes/envelope.ts'
import { readEnvelope } from '../../src/ingest/envelopes/envelopes.ts'
import { type Delivery, identify } from '../../src/ingest/identity.ts'
import { canonicalItem, cloudEvent } from '../helpers/events.ts'
import { fixture } from '../helpers/fixtures.ts'

function draftsOf(item: unknown): readonly DraftEvent[] {
  const result = readEnvelope(item)
  assert.ok(result.kind === 'events', JSON.stringify(result))
  return result.drafts
}

const identities = (item: unknown, delivery: Delivery = { index: 0 }): string[] =>
  draftsOf(item).map((draft) => identify(draft, delivery).identity)

const identityOf = (item: unknown, delivery?: Delivery): string => identities(item, delivery)[0] ?? ''

/** A copy of a notification with changes in its body. */
const withBody = (name: string, changes: Record<string, unknown>) => {
  const item = fixture(name)
  return { ...item, eventBody: { ...(item.eventBody as object), ...changes } }
}

test('the id of the event decides the identity', () => {
  const first = identityOf(canonicalItem({ id: 'e-1', mark: 1 }), { index: 0, webhookId: 'w-1' })
  const second = identityOf(canonicalItem({ id: 'e-1', mark: 2 }), { index: 7, webhookId: 'w-2' })
  assert.equal(first, 'id:e-1')
  assert.equal(second, first)
  assert.notEqual(identityOf(canonicalItem({ id: 'e-2', mark: 1 })), first)
})

test('an EventBridge redelivery has the same identity', () => {
  const item = fixture('eventbridge-customer-start-chat')
  assert.equal(identityOf(item), 'id:adbcfa5b-0116-4baa-b66b-a3f5902e95bf')
  assert.equal(identityOf({ ...item, time: '2030-01-01T00:00:00Z' }), identityOf(item))
})

test('for an event without id, source and id of the CloudEvent decide', () => {
  for (const data of [canonicalItem(), fixture('notification-customer-start-voice')]) {
    const delivery = { index: 0, webhookId: 'w-1' }
    const identity = identityOf(cloudEvent(data), delivery)
    assert.match(identity, /^id:cloudevent:/)
    assert.equal(identityOf(cloudEvent({ ...data, mark: 1 }), { index: 3 }), identity)
    assert.notEqual(identityOf(cloudEvent(data, { id: 'ce-2' }), delivery), identity)
    assert.notEqual(identityOf(cloudEvent(data, { source: '/other' }), delivery), identity)
  }
})

test('for an event with an id, the CloudEvent does not matter', () => {
  for (const data of [canonicalItem({ id: 'e-1' }), fixture('eventbridge-customer-start-chat')])
    assert.equal(identityOf(cloudEvent(data)), identityOf(data))
})

test('without an id, topic, conversation, participant, session and time decide, not the rest of the body', () => {
  const name = 'notification-customer-start-voice'
  const identity = identityOf(fixture(name))
  assert.match(identity, /^event:/)
  assert.equal(identityOf(withBody(name, { provider: 'another' }), { index: 3, webhookId: 'w' }), identity)
  for (const [field, value] of Object.entries({
    conversationId: 'c-2',
    participantId: 'p-2',
    sessionId: 's-2',
    eventTime: 1770113700001,
  })) {
    assert.notEqual(identityOf(withBody(name, { [field]: value })), identity, field)
  }
  const item = fixture(name)
  const topicName = String(item.topicName).replace('customer.start', 'customer.end')
  assert.notEqual(identityOf({ ...item, topicName }), identity, 'topic')
})

for (const field of ['participantId', 'sessionId', 'eventTime']) {
  test(`without ${field}, the webhook-id decides, and without that the body`, () => {
    const item = withBody('notification-customer-start-voice', { [field]: undefined })
    const changed = withBody('notification-customer-start-voice', { [field]: undefined, provider: 'another' })
    const delivery = { index: 0, webhookId: 'w-1' }
    assert.match(identityOf(item, delivery), /^delivery:/)
    assert.equal(identityOf(changed, delivery), identityOf(item, delivery))
    assert.notEqual(identityOf(item, { index: 0, webhookId: 'w-2' }), identityOf(item, delivery))
    assert.notEqual(identityOf(item, { index: 1, webhookId: 'w-1' }), identityOf(item, delivery))
    assert.match(identityOf(item), /^body:/)
    assert.equal(identityOf(item), identityOf(structuredClone(item), { index: 5 }))
    assert.notEqual(identityOf(changed), identityOf(item))
  })
}

test('participants of one snapshot get different identities by envelope id, webhook-id and body', () => {
  const notification = fixture('notification-queue-conversation')
  const wrapped = {
    id: 'x',
    'detail-type': 'v2.routing.queues.{id}.conversations',
    detail: notification,
  }
  for (const [item, delivery] of [
    [wrapped, { index: 0 }],
    [cloudEvent(notification), { index: 0 }],
    [notification, { index: 0, webhookId: 'w' }],
    [notification, { index: 0 }],
  ] as const) {
    const both = identities(item, delivery)
    assert.equal(new Set(both).size, 2, both.join())
    assert.deepEqual(identities(item, delivery), both)
  }
})

test('fields that only serve the identity are not part of the event', () => {
  const [draft] = draftsOf(fixture('notification-customer-start-voice'))
  assert.ok(draft?.sessionId)
  const event = identify({ ...draft, envelopeId: 'x', identityPart: 'y' }, { index: 0 })
  for (const name of ['envelopeId', 'sessionId', 'part']) assert.ok(!(name in event), name)
})
