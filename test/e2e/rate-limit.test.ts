import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startInProcess } from '../helpers/in-process.ts'
import { createConversations, customerEvent, patches, setUp } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

test('after a 429 with Retry-After: 3 no call is sent for 3 seconds, then all events are applied', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 20)
  simulator.addFault({
    match: { method: 'PATCH', path: '/api/*' },
    times: 1,
    status: 429,
    headers: { 'Retry-After': '3' },
  })
  const service = await startInProcess(t, environment)
  const events = Array.from({ length: 20 }, (_, index) => customerEvent(index))
  assert.equal((await service.post(events)).body.accepted, 20)

  await until('delivery pauses', async () => (await service.status()).delivery.state === 'paused')
  assert.equal((await fetch(`${service.url}/readyz`)).status, 200, 'a pause does not stop ingest')
  await until('all events are applied', async () => (await service.status()).totals.applied === 20)

  const calls = patches(simulator)
  const refused = calls.find(({ status }) => status === 429)
  assert.ok(refused)
  const later = calls.filter(({ at }) => at > refused.at)
  assert.equal(later.length, 20)
  assert.ok(Math.min(...later.map(({ at }) => at)) - refused.at >= 3_000)
})

test('more events than a window allows cause no 429', async (t) => {
  const { simulator, environment } = await setUp(t, { rateLimit: 20, rateWindowMs: 2_000 })
  createConversations(simulator, 50)
  const service = await startInProcess(t, environment)
  await service.post(Array.from({ length: 50 }, (_, index) => customerEvent(index)))
  await until('all events are applied', async () => (await service.status()).totals.applied === 50)
  assert.equal(patches(simulator).filter(({ status }) => status === 429).length, 0)
})
