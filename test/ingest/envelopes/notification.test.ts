import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readNotification } from '../../../src/ingest/envelopes/notification.ts'
import { fixture } from '../../helpers/fixtures.ts'

const read = (item: Record<string, unknown>) => {
  const result = readNotification(item)
  assert.ok(result.kind === 'events', JSON.stringify(result))
  return result.drafts
}

const snapshot = (participants: unknown) => {
  const item = fixture('notification-queue-conversation')
  return { ...item, eventBody: { id: 'c-1', participants } }
}

test('a detail notification yields one event with the customer address and no envelope id', () => {
  const item = fixture('notification-customer-start-voice')
  const [draft, ...others] = read(item)
  assert.deepEqual(others, [])
  assert.equal(draft?.type, 'conversation:created')
  assert.equal(draft?.participant.address, 'tel:+13175550100')
  assert.equal(draft?.sessionId, 'c1a2b3c4-d5e6-4f70-8192-a3b4c5d6e703')
  assert.equal(draft?.envelopeId, undefined)
  assert.equal(draft?.body, item)
})

test('a detail event without conversationId takes it from the topic', () => {
  const { topicName } = fixture('notification-customer-start-voice')
  const [draft] = read({ topicName, eventBody: { participantId: 'p-1' } })
  assert.equal(draft?.conversationId, '6b9d2f0e-5a0c-4f0e-9d65-2f3c1a7b8e01')
})

test('a snapshot yields one event per participant', () => {
  const item = fixture('notification-queue-conversation')
  const [customer, agent, ...others] = read(item)
  assert.deepEqual(others, [])
  assert.deepEqual(customer, {
    type: 'conversation:updated',
    topic: 'routing.queues.conversations',
    conversationId: '6b9d2f0e-5a0c-4f0e-9d65-2f3c1a7b8e01',
    participantId: 'e2e3e4e5-0000-4000-8000-00000000c001',
    identityPart: 'e2e3e4e5-0000-4000-8000-00000000c001',
    participantAsSent: (item.eventBody as { participants: unknown[] }).participants[0],
    mediaType: 'voice',
    direction: 'inbound',
    attributes: { language: 'de' },
    participant: {
      purpose: 'customer',
      address: 'tel:+13175550100',
      externalContactId: '4c4c4c4c-0000-4000-8000-00000000e001',
      attributes: { language: 'de' },
    },
    body: item,
  })
  assert.equal(agent?.identityPart, '0d5f3b7c-1b2a-4c3d-8e4f-5a6b7c8d9e02')
  assert.equal(agent?.mediaType, 'message')
  assert.equal(agent?.direction, 'outbound')
  assert.equal(agent?.userId, '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9004')
  assert.equal(agent?.participant.queueId, '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7005')
})

test('a conversation from the API is accepted as the body of a snapshot', () => {
  const [draft] = read({ topicName: 'v2.users.u-1.conversations', eventBody: fixture('conversation-chat') })
  assert.equal(draft?.participantId, 'my_customer_participant_id')
  assert.equal(draft?.mediaType, 'chat')
  assert.equal(draft?.direction, 'inbound')
  assert.equal(draft?.participant.queueId, 'my_queue_id')
  assert.equal(draft?.attributes?.['context.customerId'], '123456')
})

test('an invalid participant is rejected alone', () => {
  const result = readNotification(snapshot([{ id: 'p-1' }, { id: 'a/b' }, null, { purpose: 'agent' }]))
  assert.ok(result.kind === 'events')
  assert.deepEqual(
    result.drafts.map(({ participantId }) => participantId),
    ['p-1'],
  )
  assert.deepEqual(
    result.rejected.map(({ path }) => path),
    ['eventBody.participants.1.id', 'eventBody.participants.2', 'eventBody.participants.3.id'],
  )
})

test('userId and queueId take precedence over the references', () => {
  const [draft] = read(
    snapshot([{ id: 'p-1', userId: 'own', user: { id: 'other' }, queueId: 'own', queue: { id: 'other' } }]),
  )
  assert.equal(draft?.userId, 'own')
  assert.equal(draft?.queueId, 'own')
})

for (const participants of [undefined, null, [], 'x', {}]) {
  test(`a snapshot with participants ${JSON.stringify(participants)} is ignored`, () => {
    assert.equal(readNotification(snapshot(participants)).kind, 'ignored')
  })
}

for (const [what, item, path] of [
  ['topicName is a number', { topicName: 5, eventBody: {} }, 'topicName'],
  ['a participant has no id', snapshot([{ purpose: 'customer' }]), 'eventBody.participants.0.id'],
  ['no participant is an object', snapshot([null]), 'eventBody.participants.0'],
  ['a snapshot has no conversation id', { ...snapshot([{ id: 'p-1' }]), eventBody: {} }, 'eventBody.id'],
  ['the body is missing', { topicName: 'v2.users.u.conversations' }, 'eventBody'],
  [
    'the body of a detail topic is a text',
    { ...fixture('notification-customer-start-voice'), eventBody: 'x' },
    'eventBody',
  ],
] as const) {
  test(`it is rejected if ${what}`, () => {
    const result = readNotification(item)
    assert.ok(result.kind === 'invalid', JSON.stringify(result))
    assert.deepEqual(
      result.problems.map((problem) => problem.path),
      [path],
    )
  })
}
