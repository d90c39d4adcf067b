import { z } from 'zod'
import { maxPauseMs } from '../timing/backoff.ts'
import type { Call } from './call.ts'
import { type Answer, readBody } from './classify.ts'

/** A channel of the notification service: one websocket, up to 1,000 topics. */
export interface Channel {
  readonly id: string
  /** A secret: it gives access to the channel, so never log it. */
  readonly connectUri: string
  /** Epoch ms of the server's clock; undefined if the response has no usable `expires`. */
  readonly expiresAt: number | undefined
}

/** A topic that Genesys Cloud refused, with its reason. */
export interface Refusal {
  readonly topic: string
  readonly reason: string
}

export interface Queue {
  readonly id: string
  readonly name: string
}

/** `cause` includes Genesys Cloud's message; these calls carry no customer data. */
export interface CallFailure {
  readonly kind: 'failed'
  readonly why: Exclude<Answer['kind'], 'ok'>
  readonly cause: string
  /** At most one hour. */
  readonly retryAfterMs?: number
}

export type CallResult<Value> = { readonly kind: 'ok'; readonly value: Value } | CallFailure

/** Each function makes one HTTP call, and a second one if the token has expired. None rejects or waits. */
export interface NotificationsApi {
  createChannel(): Promise<CallResult<Channel>>
  /** Replaces the channel's topics and renews its life of 24 hours. */
  subscribe(channelId: string, topics: readonly string[]): Promise<CallResult<readonly Refusal[]>>
  /** At most 100 queues: by a part of the name, or by ids. */
  findQueues(query: QueueQuery): Promise<CallResult<readonly Queue[]>>
}

export type QueueQuery = { readonly name: string } | { readonly ids: readonly string[] }

/** Page size, and therefore the maximum number of ids in one query. */
export const queuesPerCall = 100

const channelBody = z
  .object({
    id: z.string().min(1),
    connectUri: z.string().min(1),
    expires: z
      .string()
      .transform((text) => Date.parse(text))
      .refine((time) => !Number.isNaN(time))
      .optional()
      .catch(undefined),
  })
  .transform(({ expires, ...channel }): Channel => ({ ...channel, expiresAt: expires }))

/** SDK model ChannelTopicEntityListing. A topic that is not listed was not refused. */
const topicsBody = z
  .object({
    entities: z
      .array(
        z.object({ id: z.string(), state: z.string().optional(), rejectionReason: z.string().optional() }),
      )
      .default([]),
  })
  .transform(({ entities }) => entities.filter(({ state }) => state?.toLowerCase() === 'rejected'))
  .transform((refused) =>
    refused.map(({ id, rejectionReason = 'rejected' }): Refusal => ({ topic: id, reason: rejectionReason })),
  )

const queuesBody = z
  .object({ entities: z.array(z.object({ id: z.string(), name: z.string() })) })
  .transform(({ entities }): readonly Queue[] => entities)

/** SDK operations PostNotificationsChannels, PutNotificationsChannelSubscriptions, GetRoutingQueues. */
export function createNotificationsApi(deps: { call: Call; apiUrl: string }): NotificationsApi {
  const { call, apiUrl } = deps

  async function send<Schema extends z.ZodType>(
    schema: Schema,
    request: Parameters<Call>[0],
  ): Promise<CallResult<z.output<Schema>>> {
    const first = await call(request)
    const { answer, body = '' } = first.answer.kind === 'token_expired' ? await call(request) : first
    if (answer.kind !== 'ok') return failureOf(answer)
    const value = readBody(schema, body)
    return value === undefined
      ? { kind: 'failed', why: 'unavailable', cause: 'unexpected response body' }
      : { kind: 'ok', value }
  }

  return {
    createChannel: () =>
      send(channelBody, { method: 'POST', url: `${apiUrl}/api/v2/notifications/channels` }),
    subscribe: (channelId, topics) => {
      // ignoreErrors: a topic without permission must not fail the others.
      const url = `${apiUrl}/api/v2/notifications/channels/${encodeURIComponent(channelId)}/subscriptions?ignoreErrors=true`
      const body = JSON.stringify(topics.map((id) => ({ id })))
      return send(topicsBody, { method: 'PUT', url, body })
    },
    findQueues: (query) => {
      const filter: [string, string][] =
        'name' in query ? [['name', query.name]] : query.ids.map((id) => ['id', id])
      const parameters = new URLSearchParams([['pageSize', String(queuesPerCall)], ...filter])
      return send(queuesBody, { method: 'GET', url: `${apiUrl}/api/v2/routing/queues?${parameters}` })
    },
  }
}

function failureOf(answer: Exclude<Answer, { kind: 'ok' }>): CallFailure {
  if (answer.kind !== 'rate_limited') return { kind: 'failed', why: answer.kind, cause: answer.detail }
  const cause = 'rate limited by Genesys Cloud (429)'
  const retryAfterMs = answer.retryAfterMs && Math.min(answer.retryAfterMs, maxPauseMs)
  return { kind: 'failed', why: answer.kind, cause, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}
