import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startInProcess } from '../helpers/in-process.ts'
import {
  attributesAt,
  createConversations,
  customerEvent,
  patches,
  setUp,
  startService,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

test('300 events answered with 202 are all applied after SIGKILL and a restart', async (t) => {
  const { simulator, environment } = await setUp(t, { rateLimit: 1_000, latencyMs: 20 })
  simulator.addFault({ match: { method: 'PATCH' }, times: 300, delayMs: 500 }) // delays the calls until the kill
  createConversations(simulator, 300)
  const first = await startService(t, environment)
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, index) => first.post(customerEvent(index))),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]))
  assert.equal(await first.end('SIGKILL'), 'SIGKILL')
  const before = patches(simulator).length
  assert.ok(before < 300, `the kill was too late: all ${before} PATCHes were sent`)

  simulator.clearFaults()
  const second = await startInProcess(t, environment)
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

test('a late event after a restart does not overwrite a value applied before the kill', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 1)
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 5, 9, 0, seconds)).toISOString()
  const first = await startService(t, environment)
  await first.post({ ...customerEvent(0, 'new'), occurredAt: at(30) })
  await until('the event is applied', async () => (await first.status()).totals.applied === 1)
  await first.end('SIGKILL')

  const second = await startInProcess(t, environment)
  await second.post({ ...customerEvent(0, 'old'), occurredAt: at(10) })
  await until('the late event is settled', async () => (await second.status()).totals.unchanged === 1)
  assert.equal(attributesAt(simulator, 0)?.seen, 'new')
  assert.equal(patches(simulator).length, 1)
})

test('events pending at the stop are delivered after the next start', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 5)
  simulator.addFault({ match: { method: 'PATCH', path: '/api/*' }, times: 1_000, status: 503 })
  const first = await startService(t, environment)
  for (let index = 0; index < 5; index += 1) await first.post(customerEvent(index))
  await until('the circuit breaker is open', async () => (await first.status()).delivery.state === 'open')
  assert.equal(await first.end('SIGTERM'), 0)

  simulator.clearFaults()
  const second = await startInProcess(t, environment)
  await until('all events are applied', async () => (await second.status()).inbox.pending === 0)
  assert.equal((await second.status()).totals.applied, 5)
})
