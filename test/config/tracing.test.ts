import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../src/config/config.ts'
import { readTracing } from '../../src/config/tracing.ts'

const read = (environment: Record<string, string>) => readTracing(environment, environment)
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

for (const [environment, exporters] of [
  [{}, []],
  [{ OTEL_SERVICE_NAME: 'enricher', OTEL_TRACES_SAMPLER: 'always_on' }, []],
  [endpoint, ['otlp']],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, []],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, ['otlp']],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, ['otlp']],
  [{ OTEL_TRACES_EXPORTER: 'console' }, ['console']],
  [{ ...endpoint, OTEL_TRACES_EXPORTER: 'console, otlp' }, ['otlp', 'console']],
  [{ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, []],
  [{ ...endpoint, OTEL_SDK_DISABLED: 'True' }, []],
] as [Record<string, string>, string[]][]) {
  test(`${JSON.stringify(environment)} exports to ${exporters.join(' and ') || 'nothing'}`, () => {
    const { settings, problems } = read(environment)
    assert.deepEqual(problems, [])
    assert.deepEqual(settings.exporters, exporters)
  })
}

test('the protocol is http/protobuf, or the given one; that of the signal comes first', () => {
  const protocol = (settings: Record<string, string>) => read({ ...endpoint, ...settings }).settings.protocol
  assert.equal(protocol({}), 'http/protobuf')
  assert.equal(protocol({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }), 'http/json')
  const both = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
  }
  assert.equal(protocol(both), 'http/protobuf')
})

test('an unknown exporter or protocol is a problem that names the variable and the values', () => {
  assert.deepEqual(read({ OTEL_TRACES_EXPORTER: 'zipkin' }).problems, [
    'OTEL_TRACES_EXPORTER must be otlp, console or none, or a comma-separated list of them',
  ])
  assert.deepEqual(read({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).problems, [
    'OTEL_EXPORTER_OTLP_PROTOCOL must be one of http/protobuf, http/json, but is "grpc"',
  ])
})

test('settings that OpenTelemetry would not see are a problem, without their values', () => {
  const environment = { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hush' }
  const { problems } = readTracing(environment, endpoint)
  assert.deepEqual(problems, [
    'OTEL_EXPORTER_OTLP_HEADERS differs in the environment of the process: set it there, because OpenTelemetry reads only that',
  ])
})

test('the configuration has the tracing settings and their problems', () => {
  const least = { GENESYS_CLIENT_ID: 'x', GENESYS_CLIENT_SECRET: 'x', WEBHOOK_TOKENS: 'relay-token' }
  const off = readConfig(least)
  assert.deepEqual(off.kind === 'ok' && off.config.tracing, {
    exporters: [],
    protocol: 'http/protobuf',
    sendTraceparent: false,
  })
  process.env.OTEL_TRACES_EXPORTER = 'console'
  const on = readConfig({ ...least, OTEL_TRACES_EXPORTER: 'console', GENESYS_SEND_TRACEPARENT: 'true' })
  assert.deepEqual(on.kind === 'ok' && on.config.tracing, {
    exporters: ['console'],
    protocol: 'http/protobuf',
    sendTraceparent: true,
  })
  const wrong = readConfig({ ...least, OTEL_TRACES_EXPORTER: 'zipkin' })
  assert.equal(wrong.kind, 'invalid')
})
