import { ref } from './answers.ts'
import type { Content, Operation, Paths, Response, Tag } from './operation.ts'
import { anyProblem } from './problems.ts'
import { asAnybody } from './security.ts'

const json = (schema: string): Response['content'] => ({ 'application/json': { schema: ref(schema) } })
const text: Content = { schema: { type: 'string' } }

interface Probe {
  readonly summary: string
  readonly ok: string
  /** What 503 means. */
  readonly unavailable: string
  readonly schema?: string
}

const probe = (operationId: string, { summary, ok, unavailable, schema = 'Probe' }: Probe): Operation => ({
  operationId,
  tags: ['Probes'],
  summary,
  security: asAnybody,
  responses: {
    200: { description: ok, content: json(schema) ?? {} },
    503: { description: unavailable, content: json(schema) ?? {} },
    ...anyProblem,
  },
})

const page = (
  operationId: string,
  tag: Tag,
  summary: string,
  content: Readonly<Record<string, Content>>,
): Operation => ({
  operationId,
  tags: [tag],
  summary,
  security: asAnybody,
  responses: { 200: { description: summary, content }, ...anyProblem },
})

export const probePaths: Paths = {
  '/livez': {
    get: probe('isAlive', {
      summary: 'Whether the process lives',
      ok: 'It answers.',
      unavailable: 'Delivery hangs and making its limiter anew did not help: restart it.',
    }),
  },
  '/startupz': {
    get: probe('isStarted', {
      summary: 'Whether the start is done',
      ok: 'It is.',
      unavailable: 'It is not.',
    }),
  },
  '/readyz': {
    get: probe('isReady', {
      summary: 'Whether events may be sent',
      ok: 'They may.',
      unavailable: 'Draining, overloaded, the inbox cannot be written, or it is full: see `reasons`.',
    }),
  },
  '/health': {
    get: probe('getHealth', {
      summary: 'The same, and how all else is doing',
      ok: 'Events may be sent. `degraded` tells that something else is in failure.',
      unavailable: 'As `/readyz`.',
      schema: 'Health',
    }),
  },
  '/metrics': {
    get: page(
      'getMetrics',
      'Probes',
      'Metrics for Prometheus, or OpenMetrics 1.0 where `Accept` asks for it',
      {
        'text/plain': text,
        'application/openmetrics-text': text,
      },
    ),
  },
}

export const descriptionPaths: Paths = {
  '/openapi.json': {
    get: page('getOpenApi', 'Description', 'This description, as OpenAPI 3.1', {
      'application/json': { schema: { type: 'object' } },
    }),
  },
  '/docs': {
    get: page('getDocs', 'Description', 'This description, as a page to read', { 'text/html': text }),
  },
}
