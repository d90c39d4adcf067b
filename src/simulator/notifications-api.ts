import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ErrorDescription, knownError } from './answers.ts'
import type { NotificationChannel, SimulatedNotifications } from './notifications.ts'
import type { Result, ServePlatform } from './platform-call.ts'
import type { Queues } from './queues.ts'
import { parseJson, type ReceivedBody, receiveBodiesUnparsed } from './request-body.ts'

export interface NotificationsApiOptions {
  readonly serve: ServePlatform
  readonly notifications: SimulatedNotifications
  readonly queues: Queues
  /** Origin of the websockets: `ws://host:port`. */
  readonly origin: () => string
}

const topicsSchema = z.array(z.object({ id: z.string().min(1) }))
const querySchema = z.object({
  name: z.string().optional(),
  id: z.union([z.string(), z.array(z.string())]).optional(),
  pageSize: z.coerce.number().int().min(1).max(500).catch(25),
})
const maxTopics = 1_000

interface SubscriptionsRoute {
  readonly Params: { readonly channelId: string }
  readonly Querystring: { readonly ignoreErrors?: string }
  readonly Body: ReceivedBody | undefined
}

/** The notification channels API and the queues API. */
export function notificationsApi(
  scope: FastifyInstance,
  { serve, notifications, queues, origin }: NotificationsApiOptions,
): void {
  /**
   * Refuses topics of unknown queues: with `ignoreErrors` only these topics, else the whole request. Which topics Genesys
   * refuses, and its error texts, are unverified.
   */
  function subscribe(
    channel: NotificationChannel | undefined,
    { body, ignoreErrors, keep }: { body: ReceivedBody | undefined; ignoreErrors: boolean; keep: boolean },
  ): Result {
    if (channel === undefined) return knownError(404)
    const requested = readTopics(body)
    if (requested === undefined) return knownError(400)
    const refused = requested.filter((topic) => !isPermitted(topic))
    const [first] = refused
    if (first !== undefined && !ignoreErrors)
      return { ...knownError(400), message: `Invalid topic [${first}]` }
    const permitted = requested
      .filter((topic) => !refused.includes(topic))
      .map((topic) => topic.toLowerCase())
    const topics = new Set([...(keep ? channel.topics : []), ...permitted])
    if (topics.size > maxTopics) return tooManyTopics
    notifications.subscribe(channel.id, topics)
    const entities = requested.map((id) =>
      refused.includes(id)
        ? { id, state: 'Rejected', rejectionReason: 'No such queue, or no permission to view it.' }
        : { id, state: 'Permitted' },
    )
    return { answer: { status: 200, body: { entities } } }
  }

  function isPermitted(topic: string): boolean {
    const queue = /^v2\.routing\.queues\.([^.]+)\./.exec(topic)?.[1]
    return topic.startsWith('v2.') && (queue === undefined || queues.has(queue))
  }

  receiveBodiesUnparsed(scope, (request, reply, status) =>
    serve(request, reply, {}, () => knownError(status)),
  )

  scope.post('/api/v2/notifications/channels', (request, reply) =>
    serve(request, reply, {}, () => {
      const { id, expires } = notifications.createChannel()
      return { answer: { status: 200, body: { id, connectUri: `${origin()}/channels/${id}`, expires } } }
    }),
  )

  // PUT replaces the channel's topics, POST adds to them.
  for (const method of ['PUT', 'POST'] as const) {
    scope.route<SubscriptionsRoute>({
      method,
      url: '/api/v2/notifications/channels/:channelId/subscriptions',
      handler: (request, reply) =>
        serve(request, reply, {}, () =>
          subscribe(notifications.findChannel(request.params.channelId), {
            body: request.body,
            ignoreErrors: request.query.ignoreErrors === 'true',
            keep: method === 'POST',
          }),
        ),
    })
  }

  scope.get('/api/v2/routing/queues', (request, reply) =>
    serve(request, reply, {}, () => {
      const query = querySchema.safeParse(request.query).data
      if (query === undefined) return knownError(400)
      const { name, id, pageSize } = query
      const found = queues.find({ name, ids: typeof id === 'string' ? [id] : id })
      const entities = found.slice(0, pageSize)
      const body = { entities, pageSize, pageNumber: 1, total: found.length }
      return { answer: { status: 200, body } }
    }),
  )
}

function readTopics(body: ReceivedBody | undefined): readonly string[] | undefined {
  if (body?.kind !== 'text') return undefined
  return topicsSchema.safeParse(parseJson(body.text)).data?.map(({ id }) => id)
}

const tooManyTopics: ErrorDescription = {
  ...knownError(400),
  message: `A channel can have at most ${maxTopics} topics.`,
}
