import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { traceCalls } from '../../src/genesys/trace-calls.ts'
import { createHttp } from '../../src/http/client.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { createOpenTelemetry } from '../../src/tracing/opentelemetry.ts'
import { startCollector } from '../helpers/collector.ts'
import { captureLog } from '../helpers/log.ts'

process.env.OTEL_BSP_SCHEDULE_DELAY = '10'

const parent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b' }
const other = { traceparent: '00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }

async function setUp(t: TestContext, { sendTraceparent = false } = {}) {
  const collector = await startCollector(t)
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
  const deps = { log: captureLog().logger, monotonic: Date.now }
  const tracer = createOpenTelemetry({ exporters: ['otlp'], protocol: 'http/json' }, deps)
  t.after(() => tracer.stop(0))
  const { http, close } = createHttp({ timeoutMs: 2_000, maxSockets: 2 })
  t.after(close)
  const sent: Readonly<Record<string, string>>[] = []
  const traced = traceCalls(
    (request) => {
      sent.push(request.headers)
      return http(request)
    },
    { tracer, sendTraceparent },
  )
  const call = (url: string, method: 'GET' | 'POST' = 'GET') =>
    tracer.withCallTrace({ parent, links: [parent, other] }, () => traced({ method, url, headers: {} }))
  return { collector, sent, traced, call }
}

test('a call is a client span with method, URL without query, status and correlation id', async (t) => {
  const simulator = await startSimulator()
  t.after(() => simulator.close())
  const { collector, call, sent } = await setUp(t)
  await call(`${simulator.url}/api/v2/conversations/c%2F1/participants/p-1/attributes?hush=1`)
  const name = 'GET /api/v2/conversations/{conversationId}/participants/{participantId}/attributes'
  const [span] = await collector.named(name)
  assert.equal(
    span?.attributes['url.full'],
    `${simulator.url}/api/v2/conversations/c%2F1/participants/p-1/attributes`,
  )
  assert.equal(span.attributes['http.response.status_code'], 401)
  assert.match(String(span.attributes['genesys.correlation_id']), /\S/)
  assert.equal(span.failed, true)
  assert.equal(span.links.length, 2)
  assert.deepEqual(sent, [{}])
})

test('a call without an answer fails with the network error', async (t) => {
  const { collector, call } = await setUp(t)
  await call('http://127.0.0.1:9/api/v2/conversations/c1')
  const [span] = await collector.named('GET /api/v2/conversations/{conversationId}')
  assert.equal(span?.attributes['error.type'], 'ECONNREFUSED')
  assert.equal(span.attributes['server.port'], 9)
})

test('a token request has no links to the events of the call', async (t) => {
  const { collector, call } = await setUp(t)
  await call('http://127.0.0.1:9/oauth/token', 'POST')
  const [span] = await collector.named('POST /oauth/token')
  assert.deepEqual(span?.links, [])
})

test('a call that serves no event has no span', async (t) => {
  const { collector, call, traced } = await setUp(t)
  await traced({ method: 'GET', url: 'http://127.0.0.1:9/quiet', headers: {} })
  await call('http://127.0.0.1:9/last')
  await collector.named('GET /last')
  assert.equal(collector.spans.length, 1)
})

test('with sendTraceparent, a call carries the position of its span', async (t) => {
  const { collector, call, sent } = await setUp(t, { sendTraceparent: true })
  await call('http://127.0.0.1:9/last')
  const [span] = await collector.named('GET /last')
  assert.deepEqual(sent, [
    { traceparent: `00-0af7651916cd43dd8448eb211c80319c-${span?.spanId}-01`, tracestate: 'a=b' },
  ])
})
