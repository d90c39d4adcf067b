import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  attributesAt,
  createConversations,
  customerEvent,
  patches,
  setUp,
  startService,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

test('300 events answered 202 are all applied after SIGKILL and a new start', async (t) => {
  const { simulator, environment } = await setUp(t, { rateLimit: 1_000, latencyMs: 20 })
  simulator.addFault({ match: { method: 'PATCH' }, times: 300, delayMs: 500 }) // the kill comes in time
  createConversations(simulator, 300)
  const first = await startService(t, environment)
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, index) => first.post(customerEvent(index))),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]))
  assert.equal(await first.end('SIGKILL'), 'SIGKILL')
  const before = patches(simulator).length
  assert.ok(before < 300, `the kill came too late to prove anything: ${before} were sent`)

  simulator.clearFaults()
  const second = await startService(t, environment)
  await until('the inbox is empty', async () => (await second.status()).inbox.pending === 0)
  for (let index = 0; index < 300; index += 1) {
    assert.deepEqual(attributesAt(simulator, index), {
      vip_status: 'true',
      tier_number: '123',
      seen: String(index),
    })
  }
  assert.equal((await second.status()).inbox.dead, 0)
  assert.equal((await second.post(customerEvent(7))).body.duplicates, 1)
})

test('what was applied before the kill is remembered: neither a late event nor an echo overwrites it', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 1)
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 5, 9, 0, seconds)).toISOString()
  const first = await startService(t, environment)
  await first.post({ ...customerEvent(0, 'new'), occurredAt: at(30) })
  await until('it is applied', async () => (await first.status()).totals.applied === 1)
  await first.end('SIGKILL')

  const second = await startService(t, environment)
  await second.post({ ...customerEvent(0, 'old'), occurredAt: at(10) })
  await until('the late one is settled', async () => (await second.status()).totals.unchanged === 1)
  assert.equal(attributesAt(simulator, 0)?.seen, 'new')
  assert.equal(patches(simulator).length, 1)
})

test('events that wait when the service is stopped are delivered by the next one', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 5)
  simulator.addFault({ match: { method: 'PATCH', path: '/api/*' }, times: 1_000, status: 503 })
  const first = await startService(t, environment)
  for (let index = 0; index < 5; index += 1) await first.post(customerEvent(index))
  await until('the outage is noticed', async () => (await first.status()).delivery.state === 'open')
  assert.equal(await first.end('SIGTERM'), 0)

  simulator.clearFaults()
  const second = await startService(t, environment)
  await until('all are applied', async () => (await second.status()).inbox.pending === 0)
  assert.equal((await second.status()).totals.applied, 5)
})
