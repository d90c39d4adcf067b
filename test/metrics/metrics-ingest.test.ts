import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServer } from '../../src/http/server.ts'
import { createArrivals } from '../../src/ingest/arrivals.ts'
import { createAuthentication } from '../../src/ingest/authenticate/authenticate.ts'
import { registerIngest, webhookPath } from '../../src/ingest/ingest.ts'
import { createIntake } from '../../src/ingest/intake.ts'
import { createPressure } from '../../src/ingest/pressure.ts'
import { createFailureCounter } from '../../src/ingest/sender-failures.ts'
import { createTotals } from '../../src/metrics/totals.ts'
import { canonicalItem } from '../helpers/events.ts'
import { valuesOf } from '../helpers/exposition.ts'
import { openInbox, token } from '../helpers/ingest-server.ts'
import { captureLog } from '../helpers/log.ts'
import { oneRule, rulesOf } from '../helpers/rules.ts'
import { startService } from '../helpers/service.ts'
import { until } from '../helpers/wait.ts'

test('onAnswered is called once per webhook response, with status and duration', async (t) => {
  const answered: { status: number; durationMs: number }[] = []
  let draining = false
  const now = () => 1_770_000_000_000
  const { logger } = captureLog()
  const server = createServer({ logger, maxBodyBytes: 1_000, random: () => 0 })
  t.after(() => server.close())
  const rules = rulesOf(oneRule('on: [conversation:created], set: { seen: true }'))
  registerIngest(server, {
    takesEvents: true,
    arrivals: createArrivals(now),
    accept: createIntake({ inbox: await openInbox(t, 100, now), rules: () => rules, totals: createTotals() }),
    confirmSubscription: () => {},
    authentication: createAuthentication({ auth: 'required', secrets: [], tokens: [token] }),
    pressure: createPressure({ maxBodyBytes: 1_000, log: logger, monotonic: now }),
    failures: createFailureCounter({ maxFailures: 0, monotonic: now }),
    allowed: () => true,
    onAuthenticated: () => {},
    onKeysUnavailable: () => {},
    maxBodyBytes: 1_000,
    maxBatch: 10,
    draining: () => draining,
    onAnswered: (status, durationMs) => answered.push({ status, durationMs }),
    now,
  })
  const send = async (payload: string, authorization = `Bearer ${token}`) => {
    const headers = { authorization, 'content-type': 'application/json' }
    return (await server.inject({ method: 'POST', url: webhookPath, headers, payload })).statusCode
  }
  const statuses = [
    await send(JSON.stringify(canonicalItem())),
    await send(JSON.stringify(canonicalItem()), 'Bearer wrong'),
    await send('{'),
    await send('{}'),
    await send(JSON.stringify('x'.repeat(2_000))),
    (await server.inject({ method: 'GET', url: webhookPath })).statusCode,
  ]
  draining = true
  statuses.push(await send(JSON.stringify(canonicalItem())))
  await server.inject({ method: 'GET', url: '/elsewhere' })
  assert.deepEqual(statuses, [202, 401, 400, 422, 413, 405, 503])
  await until('all responses are reported', () => answered.length >= statuses.length)
  assert.deepEqual(
    answered.map(({ status }) => status),
    statuses,
  )
  for (const { durationMs } of answered) assert.ok(durationMs > 0 && durationMs < 60_000, String(durationMs))
})

async function usesAfter(url: string, credentials: readonly string[]) {
  for (const credential of credentials) {
    const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
    await fetch(`${url}/webhooks/genesys`, { method: 'POST', headers, body: JSON.stringify(canonicalItem()) })
  }
  return valuesOf(await (await fetch(`${url}/metrics`)).text(), 'genesys_enricher_webhook_auth_total')
}

test('each secret and token is counted by position, starting at 0; refused requests are not counted', async (t) => {
  const environment = { WEBHOOK_TOKENS: 'new-token,old-token', WEBHOOK_SECRETS: 'signing-secret-1' }
  const uses = await usesAfter(await startService(t, { environment }), ['old-token', 'old-token', 'wrong'])
  assert.deepEqual(uses, {
    'standard_webhooks,1': 0,
    'hub_signature,1': 0,
    'token,1': 0,
    'token,2': 2,
  })
})

test('every configured credential starts at 0', async (t) => {
  const environment = {
    WEBHOOK_SECRETS: 'signing-secret-1',
    WEBHOOK_HMAC_HEADER: 'x-relay-signature',
    WEBHOOK_OIDC_ISSUER: 'http://127.0.0.1:9',
    WEBHOOK_OIDC_AUDIENCE: 'first,second',
    SNS_TOPIC_ARNS: 'arn:aws:sns:eu-central-1:123456789012:genesys-events',
  }
  assert.deepEqual(await usesAfter(await startService(t, { environment }), []), {
    'standard_webhooks,1': 0,
    'hub_signature,1': 0,
    'hmac_header,1': 0,
    'token,1': 0,
    'jwt,1': 0,
    'jwt,2': 0,
    'sns,1': 0,
  })
})

test('labels contain no name, token or secret', async (t) => {
  const environment = { WEBHOOK_TOKENS: 'hush-token', WEBHOOK_SECRETS: 'hush-signing-secret' }
  const url = await startService(t, { environment })
  await usesAfter(url, ['hush-token'])
  assert.doesNotMatch(await (await fetch(`${url}/metrics`)).text(), /hush/)
})
