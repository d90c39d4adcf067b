import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTracing } from '../../src/tracing/start-tracing.ts'
import { captureLog } from '../helpers/log.ts'
import { setUp, startService } from '../helpers/process.ts'
import { main } from '../helpers/program.ts'

const recorder = `
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.MODULES_FILE, url + '\\n')
    return next(url, context)
  },
})`

/** The packages of OpenTelemetry that a started service has loaded. prom-client always loads the API, which is only interfaces. */
async function packagesOf(t: Parameters<typeof setUp>[0], settings: Record<string, string>) {
  const { folder, environment } = await setUp(t)
  const hooks = join(folder, 'record-modules.mjs')
  const list = join(folder, 'modules.txt')
  await writeFile(hooks, recorder)
  await startService(t, { ...environment, ...settings, MODULES_FILE: list }, [
    '--import',
    hooks,
    main,
    'serve',
  ])
  const modules = await readFile(list, 'utf8')
  assert.match(modules, /src\/service\.ts/)
  assert.match(modules, /node_modules\/fastify\//)
  const packages = [...modules.matchAll(/@opentelemetry\/([\w-]+)\//g)].map(([, name = '']) => name)
  return new Set(packages.filter((name) => name !== 'api'))
}

for (const settings of [
  {},
  { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
  { OTEL_SERVICE_NAME: 'enricher' },
] as Record<string, string>[]) {
  test(`a service with ${JSON.stringify(settings)} loads nothing of the OpenTelemetry SDK`, async (t) => {
    assert.deepEqual(await packagesOf(t, settings), new Set())
  })
}

test('a service with an endpoint loads the SDK', async (t) => {
  const packages = await packagesOf(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  assert.ok(packages.has('sdk-trace-base') && packages.has('exporter-trace-otlp-proto'))
})

test('without exporters there is no tracer', async () => {
  const { logger } = captureLog()
  const settings = { exporters: [], protocol: 'http/protobuf' } as const
  assert.equal(await startTracing(settings, { log: logger, monotonic: Date.now }), undefined)
})
