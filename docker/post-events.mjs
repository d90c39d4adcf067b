// Acts as a relay once: creates two calls in the simulator, posts events about them to the service,
// waits until the callers have the attributes that docker/rules.yaml gives them, and prints them.
// Exits with 1 after 30 seconds without them.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const enricher = process.env.ENRICHER_URL ?? 'http://127.0.0.1:8080'
const simulator = process.env.SIMULATOR_URL ?? 'http://127.0.0.1:9090'
const token = process.env.WEBHOOK_TOKEN ?? 'demo-token'
const patienceMs = 30_000

// New ids in every run: the inbox outlives the containers and would call a second run's events duplicates.
const calls = [
  {
    address: 'tel:+13175550100',
    expected: {
      vip_status: 'true',
      support_tier: 'platinum',
      caller_address: 'tel:+13175550100',
      last_queue: 'billing',
    },
  },
  { address: 'tel:+13175550123', expected: { caller_address: 'tel:+13175550123' } },
].map((call) => ({ ...call, conversationId: randomUUID(), participantId: randomUUID() }))

const event = (type, { conversationId, participantId, address }, more = {}) => ({
  id: randomUUID(),
  type,
  occurredAt: new Date().toISOString(),
  conversationId,
  participantId,
  participant: { purpose: 'customer', address },
  ...more,
})

async function request(url, { body, bearer } = {}) {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(patienceMs),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`)
  return { status: response.status, text }
}

async function attributesOf({ conversationId, participantId }) {
  const { text } = await request(`${simulator}/simulator/conversations/${conversationId}`)
  return JSON.parse(text).participants.find(({ id }) => id === participantId)?.attributes ?? {}
}

async function settled(call) {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const attributes = await attributesOf(call)
    if (Object.entries(call.expected).every(([name, value]) => attributes[name] === value)) return attributes
    if (Date.now() > deadline) {
      throw new Error(
        `${call.address} should have ${JSON.stringify(call.expected)}, has ${JSON.stringify(attributes)}`,
      )
    }
    await sleep(100)
  }
}

for (const { conversationId, participantId } of calls) {
  await request(`${simulator}/simulator/conversations`, {
    body: { id: conversationId, participants: [{ id: participantId, purpose: 'customer' }] },
  })
}

const events = [
  ...calls.map((call) => event('conversation:created', call)),
  event('conversation:updated', calls[0], { queueId: 'billing' }),
]
const answer = await request(`${enricher}/webhooks/genesys`, { body: events, bearer: token })
console.log(`POST /webhooks/genesys with ${events.length} events: ${answer.status} ${answer.text}`)

for (const call of calls) {
  const attributes = await settled(call)
  console.log(`\nconversation ${call.conversationId}, customer ${call.address}`)
  for (const [name, value] of Object.entries(attributes)) console.log(`  ${name} = ${value}`)
}

console.log(['\nEvery participant has its attributes.', process.env.NEXT_STEPS].filter(Boolean).join('\n'))
