import type { TracingSettings } from '../tracing/settings.ts'
import type { Environment } from './checks.ts'
import { splitList } from './schemas.ts'

/** What OpenTelemetry calls them. A signal's own variable comes before the general one. */
const names = {
  endpoint: ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  protocol: ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
} as const

const protocols = ['http/protobuf', 'http/json'] as const
const off: TracingSettings = { exporters: [], protocol: 'http/protobuf' }

/**
 * Reads whether tracing is on, and how it exports. All other `OTEL_*` variables are the SDK's: it reads them itself, from
 * the process, and no copy of its many settings can become outdated here.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function readTracing(
  environment: Environment,
  ofProcess: Environment,
): { readonly settings: TracingSettings; readonly problems: readonly string[] } {
  const exporters = new Set(splitList(environment.OTEL_TRACES_EXPORTER ?? ''))
  if (exporters.size === 0 && firstOf(names.endpoint, environment) !== undefined) exporters.add('otlp')
  const disabled = environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true'
  if (disabled || exporters.size === 0 || exporters.has('none')) return { settings: off, problems: [] }

  const problems = unseenByTheSdk(environment, ofProcess)
  const known = (['otlp', 'console'] as const).filter((name) => exporters.has(name))
  if (known.length < exporters.size)
    problems.push('OTEL_TRACES_EXPORTER must be otlp, console or none, or a comma-separated list of them')
  const given = firstOf(names.protocol, environment)
  const protocol = given === undefined ? off.protocol : protocols.find((one) => one === given.value)
  if (protocol === undefined)
    problems.push(
      `${given?.name} must be one of ${protocols.join(', ')}, but is ${JSON.stringify(given?.value)}`,
    )
  return { settings: { exporters: known, protocol: protocol ?? off.protocol }, problems }
}

function firstOf(candidates: readonly string[], environment: Environment) {
  for (const name of candidates) {
    const value = environment[name]?.trim()
    if (value !== undefined && value !== '') return { name, value }
  }
  return undefined
}

/** A program that embeds the service may pass its own settings, which the SDK would not see. */
const unseenByTheSdk = (environment: Environment, ofProcess: Environment): string[] =>
  Object.keys(environment)
    .filter((name) => name.startsWith('OTEL_') && environment[name] !== ofProcess[name])
    .map(
      (name) =>
        `${name} differs in the environment of the process: set it there, because OpenTelemetry reads only that`,
    )
