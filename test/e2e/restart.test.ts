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

test('after SIGKILL and a restart, 100 events answered with 202 are all applied, and a late event does not overwrite a value', async (t) => {
  const { simulator, environment } = await setUp(t, { rateLimit: 1_000, latencyMs: 20 })
  const late = 100
  createConversations(simulator, late + 1)
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 5, 9, 0, seconds)).toISOString()
  const first = await startService(t, environment)
  await first.post({ ...customerEvent(late, 'new'), occurredAt: at(30) })
  await until('the event is applied', async () => (await first.status()).totals.applied === 1)
  simulator.addFault({ match: { method: 'PATCH' }, times: 100, delayMs: 500 }) // delays the calls until the kill
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => first.post(customerEvent(index))),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]))
  assert.equal(await first.end('SIGKILL'), 'SIGKILL')
  const before = patches(simulator).length
  assert.ok(before < 100, `the kill was too late: all ${before} PATCHes were sent`)

  simulator.clearFaults()
  const second = await startInProcess(t, environment)
  await second.post({ ...customerEvent(late, 'old'), occurredAt: at(10) })
  await until('the inbox is empty', async () => (await second.status()).inbox.pending === 0)
  for (let index = 0; index < 100; index += 1) {
    assert.deepEqual(attributesAt(simulator, index), {
      vip_status: 'true',
      tier_number: '123',
      seen: String(index),
    })
  }
  const { totals, inbox } = await second.status()
  assert.equal(inbox.dead, 0)
  assert.equal(totals.unchanged, 1, 'the late event')
  assert.equal(attributesAt(simulator, late)?.seen, 'new')
  const ofLate = patches(simulator).filter(({ participantId }) => participantId === `participant-${late}`)
  assert.equal(ofLate.length, 1)
  assert.equal((await second.post(customerEvent(7))).body.duplicates, 1)
})

test('events pending at the stop are delivered after the next start', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 5)
  simulator.addFault({ match: { method: 'PATCH', path: '/api/*' }, times: 1_000, status: 503 })
  const first = await startInProcess(t, environment)
  for (let index = 0; index < 5; index += 1) await first.post(customerEvent(index))
  await until('the circuit breaker is open', async () => (await first.status()).delivery.state === 'open')
  await first.stop()

  simulator.clearFaults()
  const second = await startInProcess(t, environment)
  await until('all events are applied', async () => (await second.status()).inbox.pending === 0)
  assert.equal((await second.status()).totals.applied, 5)
})
