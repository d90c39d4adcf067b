import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Collector, startCollector } from '../helpers/collector.ts'
import type { Owner } from '../helpers/folder.ts'
import { startInProcess } from '../helpers/in-process.ts'
import type { ReceivedSpan } from '../helpers/otlp.ts'
import {
  attributesAt,
  createConversations,
  customerEvent,
  patches,
  setUp,
  startService,
  token,
} from '../helpers/process.ts'
import { setProcessVariables } from '../helpers/process-variables.ts'
import { until } from '../helpers/wait.ts'

/** Turns tracing on, and returns the settings. OpenTelemetry reads them only from `process.env`. */
function traceTo({ url }: Pick<Collector, 'url'>, t: Owner, more: Readonly<Record<string, string>> = {}) {
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    ...more,
  }
  setProcessVariables(t, 'OTEL_', settings)
  return settings
}

const traceId = (n: number) => `0af7651916cd43dd8448eb211c80319${n}`
const parentSpanId = 'b7ad6b7169203331'
/** Headers of a relay that takes part in a trace. */
const inTrace = (n: number) => ({
  authorization: `Bearer ${token}`,
  traceparent: `00-${traceId(n)}-${parentSpanId}-01`,
  tracestate: 'vendor=abc',
})

const patchSpan = 'PATCH /api/v2/conversations/{conversationId}/participants/{participantId}/attributes'

const only = (spans: readonly ReceivedSpan[]): ReceivedSpan => {
  const [span] = spans
  assert.ok(span !== undefined && spans.length === 1, `${spans.length} spans`)
  return span
}

test('one event is one trace: webhook, append, claim, evaluate, PATCH', async (t) => {
  const { simulator, environment } = await setUp(t)
  const collector = await startCollector(t)
  createConversations(simulator, 1)
  const more = { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test' }
  const service = await startInProcess(t, { ...environment, ...traceTo(collector, t, more) })
  await service.post(customerEvent(0), inTrace(1))
  const claim = only(await collector.named('claim inbox'))
  const webhook = only(await collector.named('POST /webhooks/genesys'))
  const append = only(await collector.named('append inbox'))
  const evaluate = only(await collector.named('evaluate rules'))
  const patch = only(await collector.named(patchSpan))
  const login = only(await collector.named('POST /oauth/token'))

  const all = [webhook, append, claim, evaluate, patch, login]
  assert.deepEqual(new Set(all.map((span) => span.traceId)), new Set([traceId(1)]))
  assert.deepEqual(
    all.map((span) => span.parentSpanId),
    [parentSpanId, webhook.spanId, append.spanId, claim.spanId, claim.spanId, claim.spanId],
  )
  assert.deepEqual(
    all.map(({ kind }) => kind),
    [2, 4, 5, 1, 3, 3],
  )
  assert.ok(all.every(({ failed, links }) => !failed && links.length === 0))
  assert.equal(webhook.resource['service.name'], 'genesys-enricher')
  assert.equal(webhook.resource['deployment.environment.name'], 'test')
  assert.equal(webhook.attributes['http.response.status_code'], 202)
  assert.equal(webhook.attributes['http.route'], '/webhooks/genesys')
  assert.equal(append.attributes['genesys_enricher.events.accepted'], 1)
  assert.equal(claim.attributes['genesys.conversation.id'], 'conversation-0')
  assert.equal(claim.attributes['genesys.participant.id'], 'participant-0')
  assert.equal(claim.attributes['genesys_enricher.event.id'], 'id:event-0-0')
  assert.equal(claim.attributes['genesys_enricher.outcome'], 'applied')
  assert.deepEqual(evaluate.attributes['genesys_enricher.rules'], ['tag customers'])
  assert.deepEqual(evaluate.attributes['genesys_enricher.attribute_names'], [
    'vip_status',
    'tier_number',
    'seen',
  ])
  assert.equal(patch.attributes['http.request.method'], 'PATCH')
  assert.equal(patch.attributes['http.response.status_code'], 202)
  assert.equal(
    patch.attributes['url.full'],
    `${simulator.url}/api/v2/conversations/conversation-0/participants/participant-0/attributes`,
  )
  assert.equal(patch.attributes['server.port'], Number(new URL(simulator.url).port))

  const openMetrics = await fetch(`${service.url}/metrics`, {
    headers: { accept: 'application/openmetrics-text' },
  })
  assert.match(
    await openMetrics.text(),
    new RegExp(
      `delivery_delay_seconds_bucket\\{.*# \\{trace_id="${traceId(1)}",span_id="${append.spanId}"\\}`,
    ),
  )
})

test('spans contain no attribute value, phone number, token or query', async (t) => {
  const { simulator, environment } = await setUp(t)
  const collector = await startCollector(t)
  createConversations(simulator, 1)
  const service = await startInProcess(t, { ...environment, ...traceTo(collector, t) })
  const response = await fetch(`${service.url}/webhooks/genesys?hush=query-hush`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...inTrace(1) },
    body: JSON.stringify(customerEvent(0, 'mark-hush')),
  })
  assert.equal(response.status, 202)
  await collector.named(patchSpan)
  await collector.named('claim inbox')
  const { 'genesys_enricher.event.id': id } = only(await collector.named('claim inbox')).attributes
  const text = collector.text().replaceAll(String(id), '') // the sender chose this id
  assert.doesNotMatch(text, /hush|13175550100/)
  assert.ok(!text.includes(token))
})

test('the trace goes through the inbox: a restarted service continues it', async (t) => {
  const { simulator, environment } = await setUp(t)
  const collector = await startCollector(t)
  createConversations(simulator, 1)
  simulator.addFault({ match: { method: 'PATCH', path: '/api/*' }, times: 1_000, status: 503 })
  const settings = { ...environment, ...traceTo(collector, t) }
  const first = await startInProcess(t, settings)
  await first.post(customerEvent(0), inTrace(2))
  const failed = (await collector.named(patchSpan))[0]
  assert.equal(failed?.failed, true)
  assert.equal(failed.attributes['error.type'], '503')
  const retried = (await collector.named('claim inbox'))[0]
  assert.equal(retried?.attributes['genesys_enricher.outcome'], 'pending')
  assert.equal(retried.attributes['genesys_enricher.code'], 'unavailable')
  assert.equal(retried.failed, true)
  const append = only(await collector.named('append inbox'))
  await first.stop()

  simulator.clearFaults()
  const second = await startInProcess(t, settings)
  await until('the event is applied', async () => (await second.status()).totals.applied === 1)
  const claim = await until('its claim has arrived', () =>
    collector.spans.find(({ attributes }) => attributes['genesys_enricher.outcome'] === 'applied'),
  )
  assert.deepEqual([claim.traceId, claim.parentSpanId], [traceId(2), append.spanId])
})

test('one PATCH for two events has links to the traces of both', async (t) => {
  const { simulator, environment } = await setUp(t)
  const collector = await startCollector(t)
  createConversations(simulator, 1)
  const service = await startInProcess(t, { ...environment, ...traceTo(collector, t) })
  // The first PATCH holds the participant until both other events are stored.
  simulator.addFault({ match: { method: 'PATCH', path: '/api/*' }, times: 1, delayMs: 5_000 })
  await service.post(customerEvent(0, 'first'), inTrace(1))
  await until('its call is under way', async () => (await service.status()).inbox.inFlight === 1)
  await service.post(customerEvent(0, 'second'), inTrace(2))
  await service.post(customerEvent(0, 'third'), inTrace(3))
  await until('all are applied', async () => (await service.status()).totals.applied === 3)
  assert.equal(patches(simulator).length, 2)
  assert.equal(attributesAt(simulator, 0)?.seen, 'third')

  const claims = await collector.named('claim inbox', 3)
  const claimIn = (n: number) => only(claims.filter((claim) => claim.traceId === traceId(n)))
  const merged = (await collector.named(patchSpan, 2)).find(({ links }) => links.length > 0)
  const position = ({ traceId, spanId }: ReceivedSpan) => ({ traceId, spanId })
  assert.deepEqual(merged?.links, [position(claimIn(2)), position(claimIn(3))])
  assert.equal(merged.parentSpanId, claimIn(2).spanId)
  assert.deepEqual(claimIn(3).links, [position(claimIn(2))])
})

test('a refused request begins its own trace: strangers cannot write into another one', async (t) => {
  const { environment } = await setUp(t)
  const collector = await startCollector(t)
  const service = await startInProcess(t, { ...environment, ...traceTo(collector, t) })
  await service.post(customerEvent(0), { ...inTrace(1), authorization: 'Bearer wrong' })
  const webhook = only(await collector.named('POST /webhooks/genesys'))
  assert.equal(webhook.attributes['http.response.status_code'], 401)
  assert.notEqual(webhook.traceId, traceId(1))
  assert.equal(webhook.parentSpanId, '')
})

test('protobuf is the default protocol, and SIGTERM sends the remaining spans', async (t) => {
  const { simulator, environment } = await setUp(t)
  const collector = await startCollector(t)
  createConversations(simulator, 1)
  const service = await startService(t, {
    ...environment,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/traces`,
    OTEL_BSP_SCHEDULE_DELAY: '600000',
  })
  await service.post(customerEvent(0), inTrace(1))
  await until('the event is applied', async () => (await service.status()).totals.applied === 1)
  assert.equal(collector.requests.length, 0)
  assert.equal(await service.end('SIGTERM'), 0)
  assert.deepEqual(collector.requests, ['application/x-protobuf /traces'])
  assert.deepEqual(new Set(collector.spans.map((span) => span.traceId)), new Set([traceId(1)]))
  assert.equal(collector.spans.length, 6)
})

for (const [state, options] of [
  ['refuses connections', undefined],
  ['answers 500', { status: 500 }],
  ['never answers', { silent: true }],
] as const) {
  test(`a collector that ${state} changes nothing for events, and the stop stays within the grace`, async (t) => {
    const { simulator, environment } = await setUp(t)
    const url = options === undefined ? 'http://127.0.0.1:9' : (await startCollector(t, options)).url
    createConversations(simulator, 3)
    const service = await startInProcess(t, {
      ...environment,
      ...traceTo({ url }, t, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' }),
      SHUTDOWN_GRACE_MS: '2000',
    })
    for (let index = 0; index < 3; index += 1) {
      await service.post(customerEvent(index), inTrace(1))
      await until('the event is applied', async () => (await service.status()).totals.applied === index + 1)
    }
    await until('the failure is logged', () => service.output().includes('spans not exported'))
    assert.equal((await service.health()).status, 'ok')
    await service.stop()
    const lines = service
      .output()
      .split('\n')
      .filter((line) => line.includes('spans not exported'))
    assert.equal(lines.length, 1, lines.join('\n'))
    const { level, code, cause } = JSON.parse(lines[0] ?? '')
    assert.deepEqual([level, code], ['warn', 'tracing_export_failed'])
    assert.ok(typeof cause === 'string' && cause !== '', cause)
  })
}
