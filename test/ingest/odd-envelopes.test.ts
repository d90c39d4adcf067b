import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classifyItems } from '../../src/ingest/classify-items.ts'
import { readEnvelope } from '../../src/ingest/envelopes/envelopes.ts'
import { canonicalItem, cloudEvent } from '../helpers/events.ts'
import { fixture } from '../helpers/fixtures.ts'
import { oneRule, rulesOf } from '../helpers/rules.ts'

const read = (item: unknown) => {
  const result = readEnvelope(item)
  assert.ok(result.kind === 'events', JSON.stringify(result))
  return { drafts: result.drafts, odd: result.odd.map(({ field }) => field) }
}
const only = (item: unknown) => {
  const { drafts } = read(item)
  assert.equal(drafts.length, 1)
  const [draft] = drafts
  assert.ok(draft !== undefined)
  return draft
}
const bridged = fixture('eventbridge-user-start-voice') as { detail: Record<string, unknown> }
const withDetail = (changes: object) => ({ ...bridged, detail: { ...bridged.detail, ...changes } })
const snapshot = (participants: unknown, topicName = 'v2.users.u.conversations') => ({
  topicName,
  eventBody: { id: 'c-1', participants },
})

for (const topicName of [
  '',
  ' ',
  '${input.topic}',
  'v2.detail.events.conversation.${input.conversationId}.user.start',
  'v2.detail.events.conversation.*.user.start',
]) {
  test(`EventBridge with the topicName ${JSON.stringify(topicName)} is read with detail-type and body`, () => {
    assert.deepEqual(only(withDetail({ topicName })).topic, 'user.start')
  })
}

test('spaces around a topic are ignored in every envelope', () => {
  const notification = fixture('notification-customer-start-voice') as { topicName: string }
  const padded = ` ${notification.topicName}\n`
  assert.equal(only({ ...notification, topicName: padded }).topic, 'customer.start')
  const draft = only(canonicalItem({ type: undefined, topic: padded }))
  assert.deepEqual([draft.topic, draft.type], ['customer.start', 'conversation:created'])
})

test('a topic that is blank or a template is absent in a canonical event and rejects a notification', () => {
  for (const topic of ['', ' ', '${input.topic}']) {
    assert.equal(only(canonicalItem({ topic })).topic, undefined)
    assert.equal(readEnvelope(canonicalItem({ type: undefined, topic })).kind, 'invalid')
    const result = readEnvelope({ topicName: topic, eventBody: {} })
    assert.ok(result.kind === 'invalid')
    assert.equal(result.problems[0]?.path, 'topicName')
  }
})

test('if the type is an unfilled template, the topic decides', () => {
  assert.equal(
    only(canonicalItem({ type: '${input.type}', topic: 'customer.start' })).type,
    'conversation:created',
  )
})

for (const mark of ['topicName', 'detail-type', 'specversion', 'data', 'data_base64']) {
  test(`${mark}: null does not make a canonical event another envelope`, () => {
    assert.equal(only(canonicalItem({ [mark]: null })).conversationId, 'conversation-1')
  })
}

test('participants as JSON text or keyed by id are read', () => {
  const list = [{ id: 'p-1' }, { id: 'p-2' }]
  for (const participants of [JSON.stringify(list), { a: list[0], b: list[1] }]) {
    const { drafts, odd } = read(snapshot(participants))
    assert.deepEqual(
      drafts.map(({ participantId }) => participantId),
      ['p-1', 'p-2'],
    )
    assert.deepEqual(odd, ['eventBody.participants'])
  }
})

test('participants of an unexpected type are ignored and noted as odd', () => {
  const rules = rulesOf(oneRule('on: [conversation:updated], set: { seen: true }'))
  const { ignored, odd } = classifyItems([snapshot({ a: 1 })], { rules, webhookId: undefined })
  assert.equal(ignored, 1)
  assert.deepEqual(
    odd.map(({ field }) => field),
    ['eventBody.participants'],
  )
})

test('an empty queueId falls back to the reference and does not count as a queue', () => {
  const draft = only(
    snapshot([{ id: 'p-1', queueId: '', queue: { id: 'q-1' }, userId: '', user: { id: 'u-1' } }]),
  )
  assert.deepEqual([draft.queueId, draft.userId], ['q-1', 'u-1'])
  const leg = canonicalItem({ topic: 'user.start', queueId: '', participant: {} })
  assert.equal(only(leg).participant.purpose, 'user')
})

test('an empty addressFrom falls back to the ani', () => {
  const item = fixture('notification-customer-start-voice') as { eventBody: object }
  const eventBody = { ...item.eventBody, direction: 'INBOUND', addressFrom: '', ani: 'tel:+1' }
  assert.equal(only({ ...item, eventBody }).participant.address, 'tel:+1')
})

for (const disconnectedTime of ['', 0]) {
  test(`a medium with the disconnectedTime ${JSON.stringify(disconnectedTime)} is live`, () => {
    const calls = [{ state: 'connected', disconnectedTime, direction: 'inbound' }]
    const chats = [{ state: 'connected', direction: 'outbound' }]
    const draft = only(snapshot([{ id: 'p-1', calls, chats }]))
    assert.deepEqual([draft.mediaType, draft.direction], ['voice', 'inbound'])
  })
}

test('a medium whose disconnectedTime cannot be read has ended', () => {
  const calls = [{ disconnectedTime: 'yesterday', direction: 'inbound' }]
  assert.equal(only(snapshot([{ id: 'p-1', calls, chats: [{}] }])).mediaType, 'chat')
})

test('direction and number come from the medium of the topic', () => {
  const customer = {
    id: 'p-1',
    purpose: 'customer',
    address: 'tel:+9',
    calls: [{ state: 'connected', direction: 'outbound' }],
    callbacks: [{ state: 'connected', direction: 'inbound', callbackNumbers: [null, '', '+1555'] }],
  }
  const draft = only(snapshot([customer], 'v2.users.u.conversations.callbacks'))
  assert.deepEqual(
    [draft.mediaType, draft.direction, draft.participant.address],
    ['callback', 'inbound', '+1555'],
  )
})

test('a number beyond the range of JSON is absent', () => {
  const item: unknown = JSON.parse(
    '{"type":"conversation:created","conversationId":"c","participant":{"ani":1e999,"attributes":{"a":1e999,"b":1}}}',
  )
  assert.deepEqual(only(item).participant, { attributes: { b: '1' } })
})

test('a detail event without a valid time gets the time of the envelope', () => {
  const eventBody = { ...(bridged.detail.eventBody as object), eventTime: 'garbage' }
  const timestamp = '2026-01-05T09:00:00Z'
  assert.equal(only(withDetail({ eventBody, timestamp })).occurredAt, Date.parse(timestamp))
})

test('a CloudEvent without id is identified by its data alone', () => {
  const rules = rulesOf(oneRule('on: [conversation:created], set: { seen: true }'))
  const identityOf = (changes: object) =>
    classifyItems([cloudEvent(canonicalItem({ id: undefined }), { id: undefined, ...changes })], {
      rules,
      webhookId: undefined,
    }).events[0]?.event.identity
  assert.ok(identityOf({ traceparent: '1' })?.startsWith('body:'))
  assert.equal(identityOf({ traceparent: '1' }), identityOf({ traceparent: '2' }))
})

test('regression: a large field of a snapshot was stored once per participant', () => {
  const participants = Array.from({ length: 50 }, (_, n) => ({ id: `p-${n}` }))
  const item = { ...snapshot(participants), more: 1 }
  const { drafts } = read({
    ...item,
    eventBody: { ...item.eventBody, short: 'kept', large: 'x'.repeat(900_000) },
  })
  assert.equal(drafts.length, 50)
  assert.ok(JSON.stringify(drafts).length < 100_000)
  const body = drafts[7]?.body as { eventBody: object; more: number }
  assert.deepEqual(body, {
    topicName: item.topicName,
    eventBody: { id: 'c-1', short: 'kept', participants: [{ id: 'p-7' }], participantsOmitted: 49 },
    more: 1,
  })
})
