import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Problem } from '../errors.ts'
import type { LiveFeed } from './live/live-feed.ts'
import { liveMessages } from './live/live-schemas.ts'
import { common, problems } from './route-schemas.ts'

export interface LiveRoutesDeps {
  readonly live: Pick<LiveFeed, 'open'>
}

const getLive = {
  ...common,
  operationId: 'getLive',
  summary: 'The state of the service, as a stream of events',
  description:
    'Server-sent events. `start` comes first and has the last hour; `status` comes every second, `sample` every 10 seconds, and `stopping` before the service ends the stream. `EventSource` cannot send the token: use `fetch`.',
  response: {
    200: {
      description: 'The data of each event is JSON: `Live…` in the schemas.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems('overloaded'),
  },
}

/** GET /admin/live. HEAD answers without a stream. */
export function registerLiveRoutes(server: FastifyInstance, { live }: LiveRoutesDeps): void {
  server.get('/admin/live', { schema: getLive }, async (request, reply) => {
    reply.type('text/event-stream').headers({
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // nginx would otherwise hold the events back
    })
    if (request.method === 'HEAD') return reply.send()
    const stream = live.open()
    if (stream === undefined) {
      reply.removeHeader('content-type')
      throw new Problem('overloaded', 'Too many clients read the live state. Close other dashboards.')
    }
    return reply.send(stream)
  })
}

/** Named, because `liveMessages` describes what a stream of text contains, which no schema of OpenAPI 3.1 can. */
export type { LiveMessages } from './live/live-schemas.ts'
export { liveMessages }
