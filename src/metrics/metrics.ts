import { Histogram, Registry } from 'prom-client'
import type { Inbox, InboxStats } from '../inbox/inbox.ts'
import { addFamily } from './families.ts'
import { createRuntimeMetrics } from './runtime-metrics.ts'
import { type ServiceReadings, serviceFamilies } from './service-families.ts'
import { count } from './totals.ts'

export interface MetricsDeps extends Omit<ServiceReadings, 'stats'> {
  readonly inbox: Pick<Inbox, 'stats'>
}

export interface Metrics {
  /** Begins to watch the process. */
  start(): void
  /** Ends that. Idempotent. */
  stop(): void
  /** A request to the webhook was answered. */
  answered(status: number, durationMs: number): void
  /** An event was applied so long after its acceptance. */
  applied(delayMs: number): void
  /** All metrics, in the Prometheus text format 0.0.4. What the inbox cannot tell now is left out. */
  text(): Promise<string>
}

const prefix = 'genesys_enricher_'

/**
 * What `/metrics` shows, in a registry of its own. Counts stay where they are counted (`totals.ts`) and are read
 * when they are asked for, so that `/admin/status` cannot tell otherwise; only the histograms are kept here.
 */
export function createMetrics({ inbox, ...readings }: MetricsDeps): Metrics {
  const registry = new Registry()
  let stats: InboxStats | undefined
  for (const family of serviceFamilies({ ...readings, stats: () => stats }))
    addFamily(registry, { ...family, name: prefix + family.name })
  const webhookDuration = addHistogram(registry, {
    name: 'webhook_duration_seconds',
    help: 'From the arrival of a webhook request until its answer was sent.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })
  const deliveryDelay = addHistogram(registry, {
    name: 'delivery_delay_seconds',
    help: 'From the acceptance of an event until it was applied.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
  })
  const runtime = createRuntimeMetrics(registry)
  return {
    start: runtime.start,
    stop: runtime.stop,
    answered: (status, durationMs) => {
      count(readings.details.requests, status)
      webhookDuration.observe(durationMs / 1000)
    },
    applied: (delayMs) => deliveryDelay.observe(delayMs / 1000),
    text: async () => {
      stats = await inbox.stats().catch(() => undefined)
      return registry.metrics()
    },
  }
}

/** Its one child, resolved once: observing looks up no labels. */
const addHistogram = (
  registry: Registry,
  { name, help, buckets }: { name: string; help: string; buckets: number[] },
): Histogram.Internal<string> =>
  new Histogram({ name: prefix + name, help, buckets, registers: [registry] }).labels({})
