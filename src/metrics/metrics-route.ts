import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { z } from 'zod'
import { problemResponses } from '../http/answer-schemas.ts'
import type { Metrics } from './metrics.ts'

/** GET and HEAD /metrics: without authentication, like the probes. Counts and names of rules only. */
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

const summary = 'Metrics for Prometheus, or OpenMetrics 1.0 where `Accept` asks for it'

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

/** Whether an Accept header asks for OpenMetrics at least as much as for plain text. */
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
 * The same in OpenMetrics 1.0, where a counter's family has its name without `_total`, no line is empty and the
 * end is marked. prom-client could write it, but renames its counters in doing so: the plain text that is asked
 * for next would have them wrong.
 */
export const toOpenMetrics = (text: string): string =>
  `${text
    .replaceAll(/^# HELP (\S+)_total (.*)\n# TYPE \1_total counter$/gm, '# HELP $1 $2\n# TYPE $1 counter')
    .replaceAll(/\n{2,}/g, '\n')}# EOF\n`
