import { z } from 'zod'
import type { Call } from './call.ts'
import type { Answer } from './classify.ts'

/** A channel of the notification service: one websocket, up to 1,000 topics. */
export interface Channel {
  readonly id: string
  /** Whoever knows it can listen: it belongs in no log. */
  readonly connectUri: string
  /** Epoch ms of the server's clock; undefined: it did not tell. */
  readonly expiresAt: number | undefined
}

/** A topic that the channel does not carry, and why, in Genesys Cloud's words. */
export interface Refusal {
  readonly topic: string
  readonly reason: string
}

export interface Queue {
  readonly id: string
  readonly name: string
}

/** The call was in vain. `cause` holds Genesys Cloud's own words; nothing of these calls is a customer's. */
export interface CallFailure {
  readonly kind: 'failed'
  readonly why: Exclude<Answer['kind'], 'ok'>
  readonly cause: string
  /** At most an hour. */
  readonly retryAfterMs?: number
}

export type CallResult<Value> = { readonly kind: 'ok'; readonly value: Value } | CallFailure

/** Each is one HTTP call, and one more if the token has expired; none rejects or waits. */
export interface NotificationsApi {
  createChannel(): Promise<CallResult<Channel>>
  /** Makes these the topics of the channel, and lets it live for another 24 hours. */
  subscribe(channelId: string, topics: readonly string[]): Promise<CallResult<readonly Refusal[]>>
  /** At most 100: those whose name holds this text, or those with one of these ids. */
  findQueues(query: QueueQuery): Promise<CallResult<readonly Queue[]>>
}

export type QueueQuery = { readonly name: string } | { readonly ids: readonly string[] }

/** Most queues in one answer, hence most ids in one question. */
export const queuesPerCall = 100

const longestPauseMs = 3_600_000

const channelBody = z.object({
  id: z.string().min(1),
  connectUri: z.string().min(1),
  expires: z
    .string()
    .transform((text) => Date.parse(text))
    .refine((time) => !Number.isNaN(time))
    .optional()
    .catch(undefined),
})
/** SDK model ChannelTopicEntityListing; what is not there was not refused. */
const topicsBody = z.object({
  entities: z
    .array(z.object({ id: z.string(), state: z.string().optional(), rejectionReason: z.string().optional() }))
    .default([]),
})
const queuesBody = z.object({ entities: z.array(z.object({ id: z.string(), name: z.string() })) })

/** SDK operations PostNotificationsChannels, PutNotificationsChannelSubscriptions, GetRoutingQueues. */
export function createNotificationsApi(deps: { call: Call; apiUrl: string }): NotificationsApi {
  const { call, apiUrl } = deps

  async function ask<Schema extends z.ZodType>(
    schema: Schema,
    request: Parameters<Call>[0],
  ): Promise<CallResult<z.output<Schema>>> {
    const first = await call(request)
    const { answer, body = '' } = first.answer.kind === 'token_expired' ? await call(request) : first
    if (answer.kind !== 'ok') return failureOf(answer)
    const parsed = schema.safeParse(parseJson(body))
    if (parsed.success) return { kind: 'ok', value: parsed.data }
    return { kind: 'failed', why: 'unavailable', cause: 'the answer has not the form that is documented' }
  }

  return {
    createChannel: async () => {
      const result = await ask(channelBody, {
        method: 'POST',
        url: `${apiUrl}/api/v2/notifications/channels`,
      })
      if (result.kind !== 'ok') return result
      const { id, connectUri, expires } = result.value
      return { kind: 'ok', value: { id, connectUri, expiresAt: expires } }
    },
    subscribe: async (channelId, topics) => {
      // ignoreErrors: one topic that is not permitted must not take the others with it.
      const url = `${apiUrl}/api/v2/notifications/channels/${encodeURIComponent(channelId)}/subscriptions?ignoreErrors=true`
      const body = JSON.stringify(topics.map((id) => ({ id })))
      const result = await ask(topicsBody, { method: 'PUT', url, body })
      if (result.kind !== 'ok') return result
      const rejected = result.value.entities.filter(({ state }) => state?.toLowerCase() === 'rejected')
      const refusals = rejected.map(({ id, rejectionReason = 'rejected' }) => ({
        topic: id,
        reason: rejectionReason,
      }))
      return { kind: 'ok', value: refusals }
    },
    findQueues: async (query) => {
      const filter: [string, string][] =
        'name' in query ? [['name', query.name]] : query.ids.map((id) => ['id', id])
      const parameters = new URLSearchParams([['pageSize', String(queuesPerCall)], ...filter])
      const url = `${apiUrl}/api/v2/routing/queues?${parameters}`
      const result = await ask(queuesBody, { method: 'GET', url })
      return result.kind === 'ok' ? { kind: 'ok', value: result.value.entities } : result
    },
  }
}

function failureOf(answer: Exclude<Answer, { kind: 'ok' }>): CallFailure {
  if (answer.kind !== 'rate_limited') return { kind: 'failed', why: answer.kind, cause: answer.detail }
  const cause = 'Genesys Cloud asked to wait (429)'
  const retryAfterMs = answer.retryAfterMs && Math.min(answer.retryAfterMs, longestPauseMs)
  return { kind: 'failed', why: answer.kind, cause, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
