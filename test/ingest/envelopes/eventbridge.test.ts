import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEventBridge } from '../../../src/ingest/envelopes/eventbridge.ts'
import { fixture } from '../../helpers/fixtures.ts'

const read = (item: Record<string, unknown>) => {
  const result = readEventBridge(item)
  assert.ok(result.kind === 'events', JSON.stringify(result))
  return result.drafts
}

/** The fixture with changes to its detail and to the event body. */
const changed = (detail: Record<string, unknown>, eventBody: Record<string, unknown> = {}) => {
  const item = fixture('eventbridge-customer-start-chat')
  const original = item.detail as { eventBody: object }
  return { ...item, detail: { ...original, eventBody: { ...original.eventBody, ...eventBody }, ...detail } }
}

test('customer.start becomes conversation:created of the customer, with the id of the envelope', () => {
  const item = fixture('eventbridge-customer-start-chat')
  assert.deepEqual(read(item), [
    {
      type: 'conversation:created',
      topic: 'customer.start',
      conversationId: '2f7bf00a-0fc2-4d6a-9b56-92238191433e',
      participantId: '9fb2ca78-8389-4758-b76a-9b0300de1fce',
      sessionId: 'c03d300e-fa79-4353-9695-b97a71322785',
      occurredAt: 1649237444949,
      id: 'adbcfa5b-0116-4baa-b66b-a3f5902e95bf',
      envelopeId: 'adbcfa5b-0116-4baa-b66b-a3f5902e95bf',
      mediaType: 'chat',
      direction: 'inbound',
      participant: { purpose: 'customer', externalContactId: 'uwu' },
      body: item,
    },
  ])
})

test('customer.end becomes conversation:updated', () => {
  const [draft] = read(fixture('eventbridge-customer-end-chat'))
  assert.equal(draft?.type, 'conversation:updated')
  assert.equal(draft?.topic, 'customer.end')
})

test('user.start is an agent with user and queue, without a customer address', () => {
  const [draft] = read(fixture('eventbridge-user-start-voice'))
  assert.equal(draft?.userId, '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9004')
  assert.equal(draft?.queueId, '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7005')
  assert.deepEqual(draft?.participant, {
    purpose: 'agent',
    ani: 'tel:+13175550100',
    dnis: 'tel:+13175550199',
    userId: '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9004',
    queueId: '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7005',
  })
})

test('the attributes topic has attributes and a participant id, but no purpose', () => {
  const [draft] = read(fixture('eventbridge-attributes'))
  const attributes = { support_tier: 'platinum', 'Case Number': '0042' }
  assert.equal(draft?.topic, 'attributes')
  assert.deepEqual(draft?.attributes, attributes)
  assert.deepEqual(draft?.participant, { attributes })
})

for (const [what, body, address] of [
  [
    'inbound, from',
    { direction: 'INBOUND', addressFrom: 'from', addressTo: 'to', ani: 'a', dnis: 'd' },
    'from',
  ],
  ['inbound without addressFrom: ani', { direction: 'INBOUND', addressTo: 'to', ani: 'a', dnis: 'd' }, 'a'],
  [
    'outbound, to',
    { direction: 'OUTBOUND', addressFrom: 'from', addressTo: 'to', ani: 'a', dnis: 'd' },
    'to',
  ],
  [
    'outbound without addressTo: dnis',
    { direction: 'outbound', addressFrom: 'from', ani: 'a', dnis: 'd' },
    'd',
  ],
] as const) {
  test(`the customer address is the remote one: ${what}`, () => {
    assert.equal(read(changed({}, body))[0]?.participant.address, address)
  })
}

test('a snapshot takes its time from the envelope', () => {
  const { topicName, eventBody } = fixture('notification-queue-conversation')
  const item = {
    id: 'envelope-1',
    'detail-type': 'v2.routing.queues.{id}.conversations',
    time: '2026-02-03T10:20:00Z',
    detail: { topicName, eventBody, timestamp: '2026-02-03T10:19:59.500Z' },
  }
  const drafts = read(item)
  assert.equal(drafts.length, 2)
  for (const draft of drafts) {
    assert.equal(draft.occurredAt, Date.parse('2026-02-03T10:19:59.500Z'))
    assert.equal(draft.envelopeId, 'envelope-1')
    assert.equal(draft.body, item)
  }
  const { detail, ...rest } = item
  const [late] = read({ ...rest, detail: { ...detail, timestamp: undefined } })
  assert.equal(late?.occurredAt, Date.parse('2026-02-03T10:20:00Z'))
})

for (const item of [
  { 'detail-type': 'Scheduled Event', id: 'x', detail: {} },
  {
    'detail-type': 'v2.detail.events.conversation.{id}.customer.start',
    id: 'x',
    detail: { topicName: 'v2.other' },
  },
]) {
  test(`${item['detail-type']} is ignored, so EventBridge does not retry it`, () => {
    assert.deepEqual(readEventBridge(item), { kind: 'ignored' })
  })
}

for (const [what, item, path] of [
  ['detail is a text', { ...fixture('eventbridge-customer-start-chat'), detail: 'x' }, 'detail'],
  [
    'neither detail-type nor topicName is a text',
    { ...changed({ topicName: undefined }), 'detail-type': 5 },
    'detail.topicName',
  ],
  ['the body is a list', changed({ eventBody: [] }), 'detail.eventBody'],
  ['the participant id is invalid', changed({}, { participantId: 'a b' }), 'detail.eventBody.participantId'],
] as const) {
  test(`it is rejected if ${what}`, () => {
    const result = readEventBridge(item)
    assert.ok(result.kind === 'invalid')
    assert.deepEqual(
      result.problems.map((problem) => problem.path),
      [path],
    )
  })
}

for (const [what, item, field] of [
  [
    'detail-type is a number',
    { ...fixture('eventbridge-customer-start-chat'), 'detail-type': 5 },
    'detail-type',
  ],
  ['topicName is missing', changed({ topicName: undefined }), 'detail.topicName'],
  ['the event time is not a time', changed({}, { eventTime: 'soon' }), 'detail.eventBody.eventTime'],
  ['the id is an object', { ...fixture('eventbridge-customer-start-chat'), id: {} }, 'id'],
  ['the session id is a number', changed({}, { sessionId: 77 }), 'detail.eventBody.sessionId'],
] as const) {
  test(`it is accepted if ${what}, and the field is noted as odd`, () => {
    const result = readEventBridge(item)
    assert.ok(result.kind === 'events', JSON.stringify(result))
    assert.equal(result.drafts[0]?.topic, 'customer.start')
    assert.equal(result.drafts[0]?.conversationId, '2f7bf00a-0fc2-4d6a-9b56-92238191433e')
    assert.deepEqual(
      result.odd.map(({ envelope, field }) => [envelope, field]),
      [['eventbridge', field]],
    )
  })
}

test('detail and eventBody as JSON text are read', () => {
  const item = fixture('eventbridge-customer-start-chat')
  const detail = item.detail as { eventBody: object }
  const expected = { ...read(item)[0], body: undefined }
  for (const nested of [
    { ...item, detail: JSON.stringify(detail) },
    changed({ eventBody: JSON.stringify(detail.eventBody) }),
  ])
    assert.deepEqual({ ...read(nested)[0], body: undefined }, expected)
})

test('a topic with a literal {id} takes the ids from the body', () => {
  const topicName = 'v2.detail.events.conversation.{id}.customer.start'
  assert.equal(read(changed({ topicName }))[0]?.conversationId, '2f7bf00a-0fc2-4d6a-9b56-92238191433e')
  const result = readEventBridge(changed({ topicName }, { conversationId: undefined }))
  assert.ok(result.kind === 'invalid')
  assert.equal(result.problems[0]?.path, 'detail.eventBody.conversationId')
})

test('an invalid conversation id in the topic is rejected even if the body has a valid one', () => {
  const topicName = 'v2.detail.events.conversation.a b.customer.start'
  const result = readEventBridge(changed({ topicName }))
  assert.equal(result.kind, 'invalid')
})
