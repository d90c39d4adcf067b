import type { TracingDeps, TracingSettings } from './settings.ts'
import type { Tracer } from './tracer.ts'

/** Undefined: tracing is off. OpenTelemetry is loaded here, because it needs memory and start time that most installations don't. */
export async function startTracing(
  settings: TracingSettings,
  deps: TracingDeps,
): Promise<Tracer | undefined> {
  if (settings.exporters.length === 0) return undefined
  const { createOpenTelemetry } = await import('./opentelemetry.ts')
  return createOpenTelemetry(settings, deps)
}
