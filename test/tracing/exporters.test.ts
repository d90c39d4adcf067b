import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { createExporters } from '../../src/tracing/exporters.ts'
import { captureLog } from '../helpers/log.ts'

/** An exporter to a collector that answers with that status, and a function that exports that many spans. */
async function setUp(t: TestContext, status: () => number) {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(status()).end('hush')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const log = captureLog()
  const clock = { ms: 0 }
  const [exporter] = createExporters(
    { exporters: ['otlp'], protocol: 'http/json' },
    { log: log.logger, monotonic: () => clock.ms },
  )
  t.after(async () => {
    await exporter?.shutdown()
    server.closeAllConnections()
    server.close()
  })
  const memory = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] })
  const send = async (count: number) => {
    for (let n = 0; n < count; n += 1) provider.getTracer('test').startSpan('step').end()
    const spans = memory.getFinishedSpans()
    const done = Promise.withResolvers<void>()
    exporter?.export(spans, () => done.resolve())
    await done.promise
    memory.reset()
  }
  const lines = () =>
    log.entries().map(({ level, code, msg, cause, lost }) => ({ level, code, msg, cause, lost }))
  return { send, clock, lines, text: log.text }
}

const line = (lost: number) => ({
  level: 'warn',
  code: 'tracing_export_failed',
  msg: 'spans not exported',
  cause: '400',
  lost,
})

test('failed exports are logged at most once a minute, with the number of lost spans since the last line', async (t) => {
  const { send, clock, lines, text } = await setUp(t, () => 400)
  await send(1)
  assert.deepEqual(lines(), [line(1)])
  clock.ms = 59_999
  await send(2)
  await send(3)
  assert.equal(lines().length, 1)
  clock.ms = 60_000
  await send(1)
  assert.deepEqual(lines(), [line(1), line(6)])
  assert.doesNotMatch(text(), /hush/)
})

test('successful exports are not logged', async (t) => {
  const { send, lines } = await setUp(t, () => 200)
  await send(2)
  assert.deepEqual(lines(), [])
})
