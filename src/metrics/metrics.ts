import type { FastifyInstance } from 'fastify'
import { Histogram, Registry } from 'prom-client'
import { z } from 'zod'
import type { TraceContext } from '../event.ts'
import { problemResponses } from '../http/answer-schemas.ts'
import type { Inbox, InboxStats } from '../inbox/inbox.ts'
import { createDeliveryDelay } from './delivery-delay.ts'
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
  /** Records an applied event. `delayMs`: since its acceptance. `trace`: its trace, which becomes an exemplar. */
  applied(delayMs: number, trace?: TraceContext): void
  /** All metrics in the Prometheus text format 0.0.4. Leaves out inbox metrics while the inbox cannot be read. */
  text(): Promise<string>
  /** The same in OpenMetrics 1.0, with exemplars. */
  openMetrics(): Promise<string>
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
  const deliveryDelay = createDeliveryDelay(prefix)
  const runtime = createRuntimeMetrics(registry)
  const others = async () => {
    stats = await inbox.stats().catch(() => undefined)
    return registry.metrics()
  }
  return {
    start: runtime.start,
    stop: runtime.stop,
    answered: (status, durationMs) => {
      count(readings.details.requests, status)
      webhookDuration.observe(durationMs / 1000)
    },
    applied: deliveryDelay.observe,
    text: async () => `${await others()}\n${await deliveryDelay.text()}`,
    openMetrics: async () => toOpenMetrics(await others()) + (await deliveryDelay.openMetrics()),
  }
}

/** Returns the only child, so that observing needs no label lookup. */
const addHistogram = (
  registry: Registry,
  { name, help, buckets }: { name: string; help: string; buckets: number[] },
): Histogram.Internal<string> =>
  new Histogram({ name: prefix + name, help, buckets, registers: [registry] }).labels({})

/** GET and HEAD /metrics. No authentication, like the probes: it has only counts and rule names. */
export function registerMetrics(
  server: FastifyInstance,
  metrics: Pick<Metrics, 'text' | 'openMetrics'>,
): void {
  server.register((scrapes, _options, done) => {
    scrapes.get('/metrics', { schema: getMetrics }, async (request, reply) => {
      reply.header('vary', 'Accept')
      return prefersOpenMetrics(request.headers.accept)
        ? reply.type(Registry.OPENMETRICS_CONTENT_TYPE).send(await metrics.openMetrics())
        : reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await metrics.text())
    })
    done()
  })
}

const summary = 'Metrics in Prometheus format, or OpenMetrics 1.0 if `Accept` prefers it'

const text = { schema: z.string() }

const getMetrics = {
  operationId: 'getMetrics',
  tags: ['Probes'],
  summary,
  security: [],
  response: {
    200: { description: summary, content: { 'text/plain': text, 'application/openmetrics-text': text } },
    ...problemResponses(),
  },
}

/** Whether an Accept header prefers OpenMetrics, or ranks it like plain text. */
export function prefersOpenMetrics(accept = ''): boolean {
  const wanted = (type: string): number =>
    Math.max(0, ...rangesOf(accept).flatMap(({ name, quality }) => (name === type ? [quality] : [])))
  const openMetrics = wanted('application/openmetrics-text')
  return openMetrics > 0 && openMetrics >= wanted('text/plain')
}

const rangesOf = (accept: string): { name: string; quality: number }[] =>
  accept.split(',').map((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    return { name, quality: quality === undefined ? 1 : Number(quality) || 0 }
  })

/**
 * Converts to OpenMetrics 1.0, without its end marker: no `_total` in the family name of a counter, and no empty lines.
 * prom-client has this format too, but it renames the counters in the registry, which breaks the next scrape in plain text.
 */
export const toOpenMetrics = (text: string): string =>
  text
    .replaceAll(/^# HELP (\S+)_total (.*)\n# TYPE \1_total counter$/gm, '# HELP $1 $2\n# TYPE $1 counter')
    .replaceAll(/\n{2,}/g, '\n')
