import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { startInProcess } from '../helpers/in-process.ts'
import { attributesAt, createConversations, customerEvent, patches, setUp } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

const eventBridge = JSON.parse(
  await readFile(new URL('../fixtures/eventbridge-customer-start-chat.json', import.meta.url), 'utf8'),
)

for (const [profile, path] of [
  ['platform', '/attributes'],
  ['tutorial', ''],
] as const) {
  test(`an EventBridge and a canonical event set string attributes with the ${profile} profile`, async (t) => {
    const { conversationId, participantId } = eventBridge.detail.eventBody
    const rules = `
version: 1
rules:
  - { name: all, on: [conversation:created], when: participant.purpose == "customer", set: { vip_status: true, tier_number: 123 } }
`
    const { simulator, environment } = await setUp(t, { rules })
    createConversations(simulator, 1)
    simulator.createConversation({
      id: conversationId,
      participants: [{ id: participantId, purpose: 'customer' }],
    })
    const service = await startInProcess(t, { ...environment, GENESYS_API_PROFILE: profile })

    for (const event of [eventBridge, customerEvent(0)]) {
      const response = await service.post(event)
      assert.equal(response.status, 202)
      assert.deepEqual(response.body, { accepted: 1, duplicates: 0, ignored: 0, rejected: [] })
    }
    await until('both are applied', async () => (await service.status()).totals.applied === 2)

    const expected = { vip_status: 'true', tier_number: '123' }
    assert.deepEqual(attributesAt(simulator, 0), expected)
    assert.deepEqual(simulator.conversation(conversationId)?.participants[0]?.attributes, expected)
    assert.deepEqual(
      patches(simulator)
        .map((call) => [call.path, call.authorized, call.attributes])
        .sort(),
      [
        [`/api/v2/conversations/${conversationId}/participants/${participantId}${path}`, true, expected],
        [`/api/v2/conversations/conversation-0/participants/participant-0${path}`, true, expected],
      ].sort(),
    )
  })
}

test('duplicates and events caused by our own PATCH are not sent again', async (t) => {
  const rules = `
version: 1
rules:
  - { name: all, on: [conversation:created, attributes], set: { vip_status: true } }
`
  const { simulator, environment } = await setUp(t, { rules })
  createConversations(simulator, 1)
  const service = await startInProcess(t, environment)
  const ownEvent = {
    topicName: 'v2.detail.events.conversation.conversation-0.attributes',
    version: '2',
    eventBody: {
      eventTime: Date.now(),
      conversationId: 'conversation-0',
      participantId: 'participant-0',
      attributes: { vip_status: 'true' },
    },
    metadata: {},
  }
  await service.post(customerEvent(0))
  await until('the first event is applied', async () => (await service.status()).totals.applied === 1)
  assert.equal((await service.post(customerEvent(0))).body.duplicates, 1)
  assert.equal((await service.post(ownEvent)).body.accepted, 1)
  await until(
    'the event of our own PATCH is settled',
    async () => (await service.status()).totals.unchanged === 1,
  )
  assert.equal(patches(simulator).length, 1)
})
