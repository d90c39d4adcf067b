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
  /** Starts the process metrics. */
  start(): void
  /** Stops them. Idempotent. */
  stop(): void
  /** Records an answered webhook request. */
  answered(status: number, durationMs: number): void
  /** Records an applied event. `delayMs`: since its acceptance. */
  applied(delayMs: number): void
  /** All metrics in the Prometheus text format 0.0.4. Leaves out inbox metrics while the inbox cannot be read. */
  text(): Promise<string>
}

const prefix = 'genesys_enricher_'

/**
 * The metrics of `/metrics`, in their own registry. The counts live in `totals.ts` and are read at each scrape, so
 * `/admin/status` has the same numbers. Only the histograms are kept here.
 */
export function createMetrics({ inbox, ...readings }: MetricsDeps): Metrics {
  const registry = new Registry()
  let stats: InboxStats | undefined
  for (const family of serviceFamilies({ ...readings, stats: () => stats }))
    addFamily(registry, { ...family, name: prefix + family.name })
  const webhookDuration = addHistogram(registry, {
    name: 'webhook_duration_seconds',
    help: 'Time from the arrival of a webhook request to its answer.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })
  const deliveryDelay = addHistogram(registry, {
    name: 'delivery_delay_seconds',
    help: 'Time from the acceptance of an event until it was applied.',
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

/** Returns the only child, so that observing needs no label lookup. */
const addHistogram = (
  registry: Registry,
  { name, help, buckets }: { name: string; help: string; buckets: number[] },
): Histogram.Internal<string> =>
  new Histogram({ name: prefix + name, help, buckets, registers: [registry] }).labels({})
