import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { ConsoleSpanExporter, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { TracingDeps, TracingSettings } from './settings.ts'

/** One line per minute at most: a collector that is down must not fill the log. */
const logEveryMs = 60_000

/** The SDK's exporters; each reads its endpoint, headers, timeout and certificates from `OTEL_EXPORTER_OTLP_*`. */
export function createExporters(
  { exporters, protocol }: TracingSettings,
  deps: TracingDeps,
): readonly SpanExporter[] {
  return exporters.map((name) => {
    if (name === 'console') return new ConsoleSpanExporter()
    return withFailureLog(protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter(), deps)
  })
}

/** Logs that an export failed. The SDK would drop its error: it reports to a global logger, which only a program may set. */
function withFailureLog(exporter: SpanExporter, { log, monotonic }: TracingDeps): SpanExporter {
  let loggedAt = Number.NEGATIVE_INFINITY
  let lost = 0
  const note = ({ code, error }: ExportResult, spans: number) => {
    if (code === ExportResultCode.SUCCESS) return
    lost += spans
    const at = monotonic()
    if (at - loggedAt < logEveryMs) return
    loggedAt = at
    log.warn({ code: 'tracing_export_failed', cause: causeOf(error), lost }, 'spans not exported')
    lost = 0
  }
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        note(result, spans.length)
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}

/** The HTTP status or network error code. Never the message, which may contain what the collector answered. */
function causeOf(error: Error | undefined): string {
  if (error === undefined) return 'unknown'
  return 'code' in error && error.code !== undefined ? String(error.code) : error.name
}
