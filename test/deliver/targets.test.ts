import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleSet } from '../../src/rules/evaluate.ts'
import { newEvent } from '../helpers/conversation-events.ts'
import { rulesOf } from '../helpers/rules.ts'
import { until } from '../simulator/harness.ts'
import { type Delivery, setUp } from './harness.ts'

const onAgent = rulesOf(`
version: 1
rules:
  - { name: agent, on: [conversation:updated], target: candidate.purpose == "agent", set: { seen: '\${event.attributes.mark}' } }
`)

/** An event of `p1`, with a value for rules to set. */
const marked = (identity: string, fields: Parameters<typeof newEvent>[1] = {}) =>
  newEvent(identity, { attributes: { mark: identity }, ...fields })

const methods = ({ simulator }: Delivery) =>
  simulator.calls().flatMap(({ method, path }) => (path.startsWith('/api') ? [method] : []))

const withAgent = async (t: Parameters<typeof setUp>[0], rules: RuleSet = onAgent, options: object = {}) => {
  const delivery = await setUp(t, { rules, ...options })
  const joinedAt = new Date(delivery.now()).toISOString()
  delivery.simulator.createConversation({
    id: 'c2',
    participants: [
      { id: 'customer', purpose: 'customer' },
      { id: 'left', purpose: 'agent', endTime: joinedAt },
      { id: 'agent', purpose: 'agent', connectedTime: joinedAt },
    ],
  })
  const attributesOf = (participantId: string) =>
    delivery.simulator.conversation('c2')?.participants.find(({ id }) => id === participantId)?.attributes
  return { ...delivery, attributesOf }
}

const ofCustomer = { conversationId: 'c2', participantId: 'customer' }

test('a rule finds another participant of the conversation with one more call', async (t) => {
  const delivery = await withAgent(t)
  delivery.dispatcher.start()
  await delivery.accept(marked('e1', ofCustomer))
  assert.deepEqual(await delivery.settled(1), { e1: 'applied' })
  assert.deepEqual(methods(delivery), ['GET', 'PATCH'])
  assert.deepEqual(delivery.attributesOf('agent'), { seen: 'e1' })
  assert.deepEqual([delivery.attributesOf('customer'), delivery.attributesOf('left')], [{}, {}])
})

test('an event without a participant is delivered to the one that a rule finds', async (t) => {
  const delivery = await withAgent(t)
  delivery.dispatcher.start()
  const { event, priority } = marked('e1', ofCustomer)
  const { participantId: _, ...unnamed } = event
  await delivery.accept({ event: unnamed, priority })
  assert.deepEqual(await delivery.settled(1), { e1: 'applied' })
  assert.deepEqual(delivery.attributesOf('agent'), { seen: 'e1' })
})

test('the events of one claim share one read of the conversation and one PATCH', async (t) => {
  const delivery = await withAgent(t)
  await delivery.accept(...['e1', 'e2', 'e3'].map((identity) => marked(identity, ofCustomer)))
  delivery.dispatcher.start()
  assert.deepEqual(await delivery.settled(3), { e1: 'applied', e2: 'applied', e3: 'applied' })
  assert.deepEqual(methods(delivery), ['GET', 'PATCH'])
  assert.deepEqual(delivery.attributesOf('agent'), { seen: 'e3' })
})

test('a snapshot contains its participants, so the conversation is not read', async (t) => {
  const delivery = await withAgent(t)
  delivery.dispatcher.start()
  const body = { eventBody: { id: 'c2', participants: [{ id: 'agent', purpose: 'agent' }] } }
  await delivery.accept(marked('e1', { ...ofCustomer, body }))
  await delivery.settled(1)
  assert.deepEqual(methods(delivery), ['PATCH'])
})

test('values of one event for two participants are applied on both, also if the first attempt fails for one', async (t) => {
  const both = rulesOf(`
version: 1
rules:
  - { name: own, on: [conversation:updated], set: { own: yes } }
  - { name: agent, on: [conversation:updated], target: candidate.purpose == "agent", set: { seen: yes } }
`)
  const delivery = await withAgent(t, both)
  delivery.simulator.addFault({
    match: { path: '/api/v2/conversations/c2/participants/agent/attributes' },
    status: 503,
  })
  delivery.dispatcher.start()
  await delivery.accept(marked('e1', ofCustomer))
  await until(() => delivery.reports.some(({ retry }) => retry?.failure.code === 'unavailable'))
  delivery.advance(1_000)
  assert.deepEqual(await delivery.settled(1), { e1: 'applied' })
  assert.deepEqual(delivery.attributesOf('customer'), { own: 'yes' })
  assert.deepEqual(delivery.attributesOf('agent'), { seen: 'yes' })
  assert.equal(delivery.patches().filter(({ participantId }) => participantId === 'customer').length, 1)
})

test('events of several participants that target the same one cause no concurrent PATCHes, and the latest value stays', async (t) => {
  const delivery = await withAgent(t, onAgent, { simulator: { latencyMs: 10 } })
  const start = delivery.now() - 10_000
  const events = Array.from({ length: 20 }, (_, n) =>
    marked(`e${n}`, { conversationId: 'c2', participantId: `any${n % 5}`, occurredAt: start + n }),
  )
  await delivery.accept(...events)
  delivery.dispatcher.start()
  await delivery.settled(20)
  assert.deepEqual(delivery.attributesOf('agent'), { seen: 'e19' })
  assert.ok(delivery.patches().every(({ inFlightForParticipant }) => inFlightForParticipant === 1))
})

test('without a matching participant the event is retried for 30 s, then dead, and delays no other event', async (t) => {
  const rules = rulesOf(`
version: 1
rules:
  - { name: own, on: [conversation:updated], set: { own: yes } }
  - { name: nobody, on: [conversation:updated], target: candidate.purpose == "voicemail", set: { seen: yes } }
`)
  const delivery = await withAgent(t, rules)
  delivery.dispatcher.start()
  await delivery.accept(marked('e1', ofCustomer))
  await until(() => delivery.attributesOf('customer')?.own === 'yes')
  for (let n = 0; n < 8; n += 1) {
    delivery.advance(5_000)
    await until(() => delivery.reports.length > n)
  }
  assert.deepEqual(await delivery.settled(1), { e1: 'participant_not_found' })
  const [letter] = await delivery.inbox.deadLetters({ limit: 1 })
  assert.equal(letter?.detail, 'rules: nobody')
})

test('a participant that joins within that time is found', async (t) => {
  const delivery = await setUp(t, { rules: onAgent })
  delivery.dispatcher.start()
  await delivery.accept(marked('e1'))
  await until(() => delivery.reports.some(({ retry }) => retry?.failure.code === 'participant_not_found'))
  delivery.simulator.createConversation({ id: 'c1', participants: [{ id: 'late', purpose: 'agent' }] })
  delivery.advance(6_000)
  assert.deepEqual(await delivery.settled(1), { e1: 'applied' })
  assert.equal(delivery.attributesOf('late')?.seen, 'e1')
})

test('a conversation without read permission gives a dead letter that names the permission, only for events with a target', async (t) => {
  const mixed = rulesOf(`
version: 1
rules:
  - { name: agent, on: [conversation:updated], target: candidate.purpose == "agent", set: { seen: yes } }
  - { name: own, on: [conversation:created], set: { own: yes } }
`)
  const delivery = await withAgent(t, mixed)
  delivery.simulator.addFault({
    match: { method: 'GET' },
    status: 403,
    body: { code: 'missing.permissions', message: 'Requires conversation:communication:view' },
  })
  await delivery.accept(
    marked('e1', ofCustomer),
    marked('e2', { ...ofCustomer, type: 'conversation:created' }),
  )
  delivery.dispatcher.start()
  assert.deepEqual(await delivery.settled(2), { e1: 'forbidden', e2: 'applied' })
  const [letter] = await delivery.inbox.deadLetters({ limit: 1 })
  assert.match(letter?.detail ?? '', /conversation:communication:view/)
})

test('needs: participant reads the current values of the participant', async (t) => {
  const rules = rulesOf(`
version: 1
rules:
  - name: upgrade
    on: [conversation:updated]
    needs: participant
    when: participant.attributes.tier == "gold"
    set: { greeting: 'dear \${participant.purpose}' }
`)
  const delivery = await setUp(t, { rules })
  delivery.simulator.createConversation({
    id: 'c3',
    participants: [{ id: 'p1', purpose: 'customer', attributes: { tier: 'gold' } }],
  })
  delivery.dispatcher.start()
  await delivery.accept(marked('e1', { conversationId: 'c3' }))
  assert.deepEqual(await delivery.settled(1), { e1: 'applied' })
  assert.deepEqual(methods(delivery), ['GET', 'PATCH'])
  const [participant] = delivery.simulator.conversation('c3')?.participants ?? []
  assert.equal(participant?.attributes.greeting, 'dear customer')
})

test('rules see the values that were set earlier', async (t) => {
  const rules = rulesOf(`
version: 1
rules:
  - { name: first, on: [conversation:created], set: { step: one } }
  - { name: then, on: [conversation:updated], when: participant.attributes.step == "one", set: { step: two } }
`)
  const delivery = await setUp(t, { rules })
  delivery.dispatcher.start()
  await delivery.accept(marked('e1', { type: 'conversation:created' }))
  await delivery.settled(1)
  await delivery.accept(marked('e2'))
  assert.deepEqual(await delivery.settled(2), { e1: 'applied', e2: 'applied' })
  assert.deepEqual(delivery.attributesOf('p1'), { step: 'two' })
})
