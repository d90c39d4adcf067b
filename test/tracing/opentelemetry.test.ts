import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createOpenTelemetry } from '../../src/tracing/opentelemetry.ts'
import { maxLinks, type SpanOptions, type Tracer } from '../../src/tracing/tracer.ts'
import { startCollector } from '../helpers/collector.ts'
import { captureLog } from '../helpers/log.ts'

process.env.OTEL_BSP_SCHEDULE_DELAY = '10'

const context = (n: number) => ({
  traceparent: `00-${String(n).padStart(32, '0')}-00000000000000ab-01`,
})

async function setUp(t: TestContext) {
  const collector = await startCollector(t)
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
  const tracer = createOpenTelemetry(
    { exporters: ['otlp'], protocol: 'http/json' },
    { log: captureLog().logger, monotonic: () => 0 },
  )
  t.after(() => tracer.stop(0))
  return { collector, tracer }
}

async function recorded(
  t: TestContext,
  options: SpanOptions,
  change: (span: ReturnType<Tracer['start']>) => void = () => {},
) {
  const { collector, tracer } = await setUp(t)
  const span = tracer.start('step', options)
  change(span)
  span.end()
  return { span, received: (await collector.named('step'))[0] }
}

test('a span has its kind, its parent, its attributes and the tracestate of the trace', async (t) => {
  const parent = { ...context(1), tracestate: 'vendor=abc' }
  const attributes = { text: 'a', number: 3, list: ['x', 'y'], absent: undefined }
  const { span, received } = await recorded(t, { kind: 'consumer', parent, attributes })
  assert.equal(received?.kind, 5)
  assert.equal(received.traceId, context(1).traceparent.split('-')[1])
  assert.equal(received.parentSpanId, '00000000000000ab')
  assert.deepEqual(received.attributes, { text: 'a', number: 3, list: ['x', 'y'] })
  assert.equal(span.context.traceparent, `00-${received.traceId}-${received.spanId}-01`)
  assert.equal(span.context.tracestate, 'vendor=abc')
})

test('a span without a parent, or with an invalid one, begins a trace', async (t) => {
  for (const parent of [undefined, { traceparent: '' }, { traceparent: '00-0-0-01' }]) {
    const { received } = await recorded(t, { kind: 'internal', parent })
    assert.equal(received?.parentSpanId, '')
    assert.match(received.traceId, /^[0-9a-f]{32}$/)
  }
})

test('fail sets status and error.type', async (t) => {
  const { received } = await recorded(t, { kind: 'client' }, (span) => span.fail('ECONNREFUSED'))
  assert.equal(received?.failed, true)
  assert.equal(received.attributes['error.type'], 'ECONNREFUSED')
})

test('a span keeps the first 128 links, and invalid ones count as absent', async (t) => {
  const links = [{ traceparent: 'broken' }, ...Array.from({ length: 300 }, (_, n) => context(n + 1))]
  const { received } = await recorded(t, { kind: 'client', links: links.slice(1) })
  assert.equal(received?.links.length, maxLinks)
  const few = await recorded(t, { kind: 'client', links: links.slice(0, 3) })
  assert.equal(few.received?.links.length, 2)
})

test('a trace that its sender did not sample is not recorded, and its position says so', async (t) => {
  const { collector, tracer } = await setUp(t)
  const parent = { traceparent: context(1).traceparent.replace(/01$/, '00') }
  const span = tracer.start('unsampled', { kind: 'internal', parent })
  assert.match(span.context.traceparent, /-00$/)
  span.end()
  tracer.start('sampled', { kind: 'internal' }).end()
  await collector.named('sampled')
  assert.deepEqual(
    collector.spans.map(({ name }) => name),
    ['sampled'],
  )
})

test('stop sends what is left, and gives up when its time is over', async (t) => {
  const silent = await startCollector(t, { silent: true })
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = silent.url
  const { logger } = captureLog()
  const deps = { log: logger, monotonic: () => 0 }
  const tracer = createOpenTelemetry({ exporters: ['otlp'], protocol: 'http/json' }, deps)
  tracer.start('last', { kind: 'internal' }).end()
  await Promise.all([tracer.stop(50), tracer.stop(50)])
  assert.ok(silent.requests.length <= 1)
})
