import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createDirectCalls } from '../../src/deliver/direct-calls.ts'
import { type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts'

const target = { conversationId: 'c1', participantId: 'p1' }

async function setUp(
  t: TestContext,
  { timeoutMs = 60_000, ...options }: SimulatorOptions & { timeoutMs?: number },
) {
  const simulator = await startSimulator({ windowPhaseMs: 0, ...options })
  t.after(() => simulator.close())
  simulator.createConversation({ id: 'c1', participants: [{ id: 'p1', purpose: 'customer' }] })
  const waits: number[] = []
  const calls = createDirectCalls({
    client: {
      apiUrl: simulator.url,
      loginUrl: simulator.url,
      clientId: 'demo',
      clientSecret: 'demo',
      profile: 'platform',
      requestTimeoutMs: 10_000,
    },
    limits: { rateLimit: 300, rateWindowMs: 60_000, rateShare: 1 },
    timeoutMs,
    onWait: (waitMs) => waits.push(waitMs),
    now: Date.now,
    monotonic: () => Math.round(performance.timeOrigin + performance.now()),
    random: () => 0,
  })
  t.after(() => calls.close())
  const statuses = () =>
    simulator.calls().flatMap(({ path, status }) => (path.startsWith('/api/') ? [status] : []))
  return { simulator, calls, waits, statuses }
}

test('a spent budget is waited for, so the API never answers 429', async (t) => {
  const { calls, statuses } = await setUp(t, { rateLimit: 1, rateWindowMs: 1_000 })
  assert.equal((await calls.readParticipants('c1')).answer.kind, 'ok')
  assert.equal((await calls.patchAttributes(target, { vip: 'true' })).kind, 'ok')
  assert.deepEqual(statuses(), [200, 202])
})

test('a spent budget that outlasts the timeout is a rate limit, reported without a call', async (t) => {
  const { calls, waits, statuses } = await setUp(t, { rateLimit: 1, rateWindowMs: 60_000, timeoutMs: 5_000 })
  await calls.readParticipants('c1')
  const answer = await calls.patchAttributes(target, { vip: 'true' })
  assert.ok(answer.kind === 'rate_limited')
  assert.ok(Number(answer.retryAfterMs) > 50_000 && Number(answer.retryAfterMs) <= 62_000)
  assert.deepEqual([statuses(), waits], [[200], []])
})

test('a 429 without Retry-After and reset pauses for the rate window', async (t) => {
  const { simulator, calls, statuses } = await setUp(t, { timeoutMs: 5_000 })
  simulator.addFault({ match: { method: 'GET' }, status: 429, headers: { 'Retry-After': null } })
  const { answer } = await calls.readParticipants('c1')
  assert.ok(answer.kind === 'rate_limited')
  assert.equal(answer.retryAfterMs, undefined)
  assert.deepEqual(statuses(), [429])
})

test('a 429 of the token endpoint is waited for too', async (t) => {
  const { simulator, calls, waits } = await setUp(t, {})
  const match = { path: '/oauth/token' }
  simulator.addFault({ match, status: 429, headers: { 'Retry-After': '0.3' } })
  assert.equal((await calls.readParticipants('c1')).answer.kind, 'ok')
  const [wait, ...more] = waits
  // What is left of the 300 ms when the client looks at the clock again.
  assert.ok(wait !== undefined && wait > 0 && wait <= 300, `waited ${wait} ms`)
  assert.deepEqual(more, [])
})

test('calls after the timeout are not made', async (t) => {
  const { simulator, calls, statuses } = await setUp(t, { timeoutMs: 300 })
  simulator.addFault({ match: { method: 'GET' }, delayMs: 600_000 })
  for (const wait of [calls.readParticipants('c1'), calls.readParticipants('c1')]) {
    const { answer } = await wait
    assert.ok(answer.kind === 'unavailable')
    assert.equal(answer.cause, 'no answer within 300 ms')
  }
  assert.ok(statuses().length <= 1)
})
