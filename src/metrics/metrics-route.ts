import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { z } from 'zod'
import { problemResponses } from '../http/answer-schemas.ts'
import type { Metrics } from './metrics.ts'

/** GET and HEAD /metrics. No authentication, like the probes: it has only counts and rule names. */
export function registerMetrics(server: FastifyInstance, metrics: Pick<Metrics, 'text'>): void {
  server.register((scrapes, _options, done) => {
    scrapes.get('/metrics', { schema: getMetrics }, async (request, reply) => {
      const text = await metrics.text()
      reply.header('vary', 'Accept')
      return prefersOpenMetrics(request.headers.accept)
        ? reply.type(Registry.OPENMETRICS_CONTENT_TYPE).send(toOpenMetrics(text))
        : reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(text)
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
 * Converts to OpenMetrics 1.0: no `_total` in the family name of a counter, no empty lines, and an end marker. prom-client
 * has this format too, but it renames the counters in the registry, which breaks the next scrape in plain text.
 */
export const toOpenMetrics = (text: string): string =>
  `${text
    .replaceAll(/^# HELP (\S+)_total (.*)\n# TYPE \1_total counter$/gm, '# HELP $1 $2\n# TYPE $1 counter')
    .replaceAll(/\n{2,}/g, '\n')}# EOF\n`
