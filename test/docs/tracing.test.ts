import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { startCollector } from '../helpers/collector.ts'
import type { ReceivedSpan } from '../helpers/otlp.ts'
import { createConversations, customerEvent, setUp, startService } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'
import { fencesOf, readPage } from './markdown.ts'

const page = await readPage('docs/operations/tracing.md')
const kinds = ['', 'internal', 'server', 'client', 'producer', 'consumer']

/** Attributes by span, as documented. All calls to Genesys Cloud have one row. */
const documented = [...page.matchAll(/^\| (`[A-Z a-z/]+.*?`) \| [^|]+ \| ([^|]+) \|$/gm)].map(
  ([, names = '', attributes = '']) => ({
    names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replace('…', '')),
    attributes: [...attributes.matchAll(/`([a-z_]+\.[a-z_.]+)`/g)].map(([, name]) => name),
  }),
)

/** The tree of a trace; the children of a span in the order of their start. */
function treeOf(spans: readonly ReceivedSpan[], parentSpanId = '', indent = ''): string {
  const children = spans.filter((span) => span.parentSpanId === parentSpanId)
  return children
    .map((span, index) => {
      const last = index === children.length - 1
      const branch = parentSpanId === '' ? '' : last ? '└─ ' : '├─ '
      const below = parentSpanId === '' ? '' : last ? '   ' : '│  '
      const rest = treeOf(spans, span.spanId, indent + below)
      return `${indent}${branch}${span.name} (${kinds[span.kind]})\n${rest}`
    })
    .join('')
}

test('docs/operations/tracing.md shows a real trace, and lists the attributes of its spans', async (t) => {
  const { simulator, environment } = await setUp(t)
  const collector = await startCollector(t)
  createConversations(simulator, 1)
  const service = await startService(t, {
    ...environment,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  })
  await service.post(customerEvent(0))
  await until('the event is applied', async () => (await service.status()).totals.applied === 1)
  simulator.addFault({ match: { method: 'PATCH', path: '/api/*' }, times: 1, status: 403 })
  await service.post(customerEvent(0, 'again'))
  await until('the next one is dead', async () => (await service.status()).inbox.dead === 1)
  assert.equal(await service.end('SIGTERM'), 0)

  const [first] = collector.spans.filter(({ name }) => name === 'POST /oauth/token')
  const trace = collector.spans.filter(({ traceId }) => traceId === first?.traceId)
  const starts = ['evaluate rules', 'POST /oauth/token']
  const ordered = trace.toSorted((a, b) => Number(starts.includes(b.name)) - Number(starts.includes(a.name)))
  const shown = fencesOf(page).find(({ info }) => info === 'text trace')
  assert.equal(treeOf(ordered).trimEnd(), shown?.text.trimEnd())

  for (const { name, attributes } of collector.spans) {
    const row = documented.find(({ names }) => names.some((one) => name.startsWith(one)))
    assert.ok(row !== undefined, name)
    for (const key of Object.keys(attributes)) assert.ok(row.attributes.includes(key), `${name}: ${key}`)
  }
})

test('the code has every attribute that docs/operations/tracing.md lists', async () => {
  const files = [
    'ingest/trace-requests',
    'ingest/trace-append',
    'deliver/trace-attempt',
    'genesys/trace-calls',
    'tracing/opentelemetry',
  ]
  const read = (file: string) => readFile(new URL(`../../src/${file}.ts`, import.meta.url), 'utf8')
  const source = (await Promise.all(files.map(read))).join('\n')
  assert.equal(documented.length, 6)
  for (const { attributes } of documented)
    for (const name of attributes) assert.ok(source.includes(`'${name}'`), name)
})
