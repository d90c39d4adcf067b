import { Histogram, type OpenMetricsContentType, Registry } from 'prom-client'
import type { TraceContext } from '../event.ts'

/**
 * The histogram of the time from acceptance to `applied`. It has one registry for each format: prom-client writes exemplars, which
 * link a bucket to a trace, only into a registry in OpenMetrics format.
 */
export function createDeliveryDelay(prefix: string) {
  const plain = new Registry()
  const open = new Registry<OpenMetricsContentType>()
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const histogram = new Histogram({
    name: `${prefix}delivery_delay_seconds`,
    help: 'Time from the acceptance of an event until it was applied.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
    enableExemplars: true,
    registers: [open],
  })
  plain.registerMetric(histogram) // not in the constructor, which would reject exemplars
  return {
    observe: (delayMs: number, trace?: TraceContext): void =>
      histogram.observe({ value: delayMs / 1000, exemplarLabels: exemplarOf(trace) }),
    text: () => plain.metrics(),
    /** With the end marker. */
    openMetrics: () => open.metrics(),
  }
}

/** Only sampled traces: the tracing system does not have the others. https://www.w3.org/TR/trace-context/#traceparent-header */
function exemplarOf(trace: TraceContext | undefined): Record<string, string> {
  const [, traceId, spanId, flags] = trace?.traceparent.split('-') ?? []
  const sampled = (Number.parseInt(flags ?? '0', 16) & 1) === 1
  return sampled && traceId !== undefined && spanId !== undefined
    ? { trace_id: traceId, span_id: spanId }
    : {}
}
