import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startInProcess } from '../helpers/in-process.ts'
import { attributesAt, createConversations, customerEvent, setUp } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

test('an event that Genesys rejects becomes a dead letter with the reason, and other events are applied', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 3)
  const path = '/api/v2/conversations/conversation-1/*'
  simulator.addFault({ match: { method: 'PATCH', path }, times: 1, status: 403 })
  const service = await startInProcess(t, environment)
  await service.post([0, 1, 2].map((index) => customerEvent(index)))
  await until('the other events are applied', async () => (await service.status()).totals.applied === 2)
  await until('the refused event is a dead letter', async () => (await service.status()).inbox.dead === 1)

  const [letter] = await service.deadLetters()
  assert.equal(letter?.code, 'forbidden')
  assert.equal(letter?.conversationId, 'conversation-1')
  assert.match(letter?.detail ?? '', /^403 /)
  assert.equal(attributesAt(simulator, 2)?.vip_status, 'true')
})

test('an event that cannot be delivered within EVENT_MAX_AGE_MS becomes a dead letter (expired)', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 1)
  simulator.addFault({ match: { method: 'PATCH', path: '/api/*' }, times: 1_000, status: 500 })
  const service = await startInProcess(t, { ...environment, EVENT_MAX_AGE_MS: '1500' })
  await service.post(customerEvent(0))
  await until('the event is a dead letter', async () => (await service.status()).inbox.dead === 1)
  assert.equal((await service.deadLetters())[0]?.code, 'expired')
})

test('an HTML page from the token endpoint stops delivery, and /health and the log name what to check', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 2)
  simulator.addFault({
    match: { path: '/oauth/token' },
    times: 1_000,
    status: 200,
    headers: { 'Content-Type': 'text/html' },
    body: '<html>Sign in</html>',
  })
  const service = await startInProcess(t, environment)
  await service.post([0, 1].map((index) => customerEvent(index)))
  await until('delivery is open', async () => (await service.status()).delivery.state === 'open')
  const hint = /not a token endpoint: check GENESYS_LOGIN_URL or the proxy/
  const { delivery } = (await service.health()).checks
  assert.equal(delivery?.code, 'api_unavailable')
  assert.match(delivery?.cause ?? '', hint)
  assert.match(service.output(), hint)
  assert.doesNotMatch(service.output(), /credentials_refused/)
  simulator.clearFaults()
  await until('both are applied', async () => (await service.status()).totals.applied === 2)
  assert.equal((await service.health()).checks.delivery?.cause, undefined)
})

test('refused credentials stop delivery, not ingest, until the API accepts them again', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 1)
  simulator.addFault({ match: { path: '/oauth/token' }, times: 1_000, status: 401 })
  const service = await startInProcess(t, environment)
  assert.equal((await service.post(customerEvent(0))).status, 202)
  await until('delivery is open', async () => (await service.status()).delivery.state === 'open')
  const health = await service.health()
  assert.equal(health.status, 'degraded')
  assert.equal(health.checks.delivery?.code, 'credentials_refused')
  assert.equal((await fetch(`${service.url}/readyz`)).status, 200)
  simulator.clearFaults()
  await until('the event is applied', async () => (await service.status()).totals.applied === 1)
  assert.equal((await service.status()).inbox.dead, 0)
})
