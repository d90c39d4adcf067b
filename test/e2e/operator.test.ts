import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { startInProcess } from '../helpers/in-process.ts'
import {
  adminToken,
  attributesAt,
  createConversations,
  customerEvent,
  patches,
  type RunningService,
  setUp,
  startService,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

interface AdminAnswer {
  readonly replayed: number
  readonly state: string
  readonly attempts: number
  readonly rules: readonly string[]
  readonly api: { readonly correlationId: string }
}

async function admin({ url }: RunningService, method: string, path: string, body?: object) {
  const response = await fetch(`${url}/admin/${path}`, {
    method,
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const answer: Partial<AdminAnswer> = JSON.parse(await response.text())
  return { status: response.status, body: answer }
}

test('a pause of an operator stops calls, not ingest, survives a restart, and ends at once', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 2)
  const first = await startInProcess(t, environment)
  assert.equal((await admin(first, 'POST', 'delivery/pause', { reason: 'CRM is down' })).status, 200)
  assert.equal((await first.post(customerEvent(0))).status, 202)
  await first.stop()

  const service = await startInProcess(t, environment)
  assert.equal((await service.post(customerEvent(1))).status, 202)
  const { status, checks } = await service.health()
  assert.deepEqual(
    [status, checks.delivery?.ok, checks.delivery?.code],
    ['degraded', false, 'paused_by_operator'],
  )
  assert.match(JSON.stringify(checks.delivery), /Delivery is paused by an operator: CRM is down/)
  const { delivery, inbox } = await service.status()
  assert.deepEqual([delivery.state, inbox.pending], ['paused', 2])
  const metrics = await (await fetch(`${service.url}/metrics`)).text()
  assert.match(metrics, /^genesys_enricher_delivery_paused_by_operator 1$/m)
  assert.equal((await fetch(`${service.url}/readyz`)).status, 200)
  assert.deepEqual(patches(simulator), [])

  assert.equal((await admin(service, 'POST', 'delivery/resume')).status, 200)
  await until('both are applied', async () => (await service.status()).totals.applied === 2)
  assert.equal((await service.health()).status, 'ok')
})

test('a replay that was answered survives kill -9, and the letter is applied', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 1)
  simulator.addFault({ match: { method: 'PATCH', path: '/api/*' }, times: 1, status: 403 })
  const first = await startService(t, environment)
  await first.post(customerEvent(0))
  await until('it is a dead letter', async () => (await first.status()).inbox.dead === 1)
  await first.post(customerEvent(0))
  await until('the log names the duplicate', () =>
    first.output().includes('duplicates of dead letters, not delivered again'),
  )

  await admin(first, 'POST', 'delivery/pause')
  const { body } = await admin(first, 'POST', 'dead-letters/replay', { code: 'forbidden' })
  assert.deepEqual(body, { replayed: 1 })
  await first.end('SIGKILL')

  const service = await startInProcess(t, environment)
  assert.equal((await service.status()).inbox.pending, 1)
  await admin(service, 'POST', 'delivery/resume')
  await until('it is applied', async () => (await service.status()).totals.applied === 1)
  assert.equal(attributesAt(simulator, 0)?.vip_status, 'true')
  const event = (await admin(service, 'GET', 'events/event-0-0')).body
  assert.deepEqual([event.state, event.attempts, event.rules], ['applied', 2, ['tag customers']])
  const line = service
    .output()
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
    .find(({ msg }) => msg === 'applied')
  assert.deepEqual([line.events, line.correlationId], [['id:event-0-0'], event.api?.correlationId])
})

test('the status names the process that answers as the only node', async (t) => {
  const { environment } = await setUp(t)
  const service = await startInProcess(t, environment)
  const { nodes } = await service.status()
  assert.deepEqual(
    nodes.map(({ id, role, delivers }) => [id, role, delivers]),
    [[`${hostname()}:${process.pid}`, 'all', true]],
  )
})
