import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { startInProcess } from '../helpers/in-process.ts'
import {
  attributesAt,
  createConversations,
  customerEvent,
  patches,
  setUp,
  startService,
  token,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

test('SIGINT: new events get 503, calls in flight finish, more signals have no effect, exit code 0', async (t) => {
  const { simulator, environment } = await setUp(t, { latencyMs: 3_000 })
  createConversations(simulator, 1)
  const service = await startService(t, environment)
  await service.post(customerEvent(0))
  await until('the call is in flight', () => attributesAt(simulator, 0)?.vip_status === 'true')
  const ended = service.end('SIGINT')
  await until('the service drains', async () => (await fetch(`${service.url}/readyz`)).status === 503)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) service.child.kill(signal)

  const refused = await Promise.all(Array.from({ length: 20 }, () => service.post(customerEvent(1))))
  const codes = new Set(refused.map(({ status, body }) => `${status} ${body.code}`))
  assert.deepEqual([...codes], ['503 shutting_down'])
  const waits = refused.map(({ headers }) => Number(headers.get('retry-after')))
  assert.ok(waits.every((seconds) => seconds >= 5 && seconds <= 15))
  assert.ok(new Set(waits).size > 1, `Retry-After is spread over the senders: ${waits}`)
  assert.equal((await fetch(`${service.url}/livez`)).status, 200, 'a draining process is alive')
  assert.equal(await ended, 0)

  const next = await startInProcess(t, environment)
  assert.equal((await next.status()).inbox.pending, 0, 'the outcome of the call was recorded')
  assert.equal(patches(simulator).length, 1)
})

test('a call that exceeds the grace period is aborted, and its event is applied after the next start', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 1)
  simulator.addFault({ match: { method: 'PATCH', path: '/api/*' }, times: 1, delayMs: 60_000 })
  const service = await startInProcess(t, { ...environment, SHUTDOWN_GRACE_MS: '200' })
  await service.post(customerEvent(0))
  await until('the call is in flight', async () => (await service.status()).inbox.inFlight === 1)
  await service.stop()

  const next = await startInProcess(t, environment)
  await until('the event is applied', async () => (await next.status()).totals.applied === 1)
})

test('a client that never ends its request does not delay the shutdown', async (t) => {
  const { environment } = await setUp(t)
  const service = await startInProcess(t, environment)
  const { hostname, port } = new URL(service.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  socket.write(
    `POST /webhooks/genesys HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
  )
  await fetch(`${service.url}/livez`)
  await service.stop()
})
