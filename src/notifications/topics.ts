import {
  type CallFailure,
  type CallResult,
  type NotificationsApi,
  type Queue,
  type QueueQuery,
  queuesPerCall,
} from '../genesys/notifications.ts'
import { parseTopic } from '../ingest/envelopes/topics.ts'
import { isUuid } from '../values/normal-forms.ts'
import type { Problem } from './status.ts'

/** Genesys Cloud's limit for one channel. */
export const maxTopicsPerChannel = 1_000
/**
 * Genesys Cloud's limit is 20 for a user and application; one more ends another. One is left free, so that a new channel can
 * replace one before that ends.
 */
export const maxChannels = 19
export const maxTopics = maxChannels * maxTopicsPerChannel

export const queueTopic = (queueId: string): string => `v2.routing.queues.${queueId}.conversations`

/** Whether the service understands the messages of a topic. The `{id}` of the documentation is not an id. */
export const isConversationTopic = (topic: string): boolean =>
  /^[A-Za-z0-9_.-]+$/.test(topic) && parseTopic(topic).kind !== 'other'

export const channelsFor = (topics: number): number => Math.ceil(topics / maxTopicsPerChannel)

/** The topics of each channel: as few channels as possible, each topic once. */
export function planChannels(topics: readonly string[]): readonly (readonly string[])[] {
  const distinct = [...new Set(topics)]
  return Array.from({ length: channelsFor(distinct.length) }, (_, index) =>
    distinct.slice(index * maxTopicsPerChannel, (index + 1) * maxTopicsPerChannel),
  )
}

export interface QueuesDeps {
  readonly findQueues: NotificationsApi['findQueues']
  /** Called after a temporary failure: resolves when to retry, with false to give up. */
  readonly retry: (failure: CallFailure) => Promise<boolean>
}

/**
 * The ids of queues that are given by name or id: one call for each name, one for every 100 ids. A queue that Genesys Cloud
 * does not know becomes a problem; the others are still found.
 */
export async function findQueues(queues: readonly string[], deps: QueuesDeps) {
  const ids: string[] = []
  const problems: Problem[] = []
  const missing = (subject: string, detail: string) =>
    problems.push({ code: 'queue_not_found', subject, detail })

  const given = queues.filter(isUuid)
  for (let first = 0; first < given.length; first += queuesPerCall) {
    const asked = given.slice(first, first + queuesPerCall)
    const result = await ask({ ids: asked }, deps)
    // Without the permission to view queues, subscribing may still be allowed; the subscription will show.
    const known =
      result.kind === 'failed' ? undefined : new Set(result.value.map(({ id }) => id.toLowerCase()))
    for (const id of asked) {
      if (known === undefined || known.has(id.toLowerCase())) ids.push(id)
      else missing(id, 'no queue has this id, or the OAuth client may not see it')
    }
  }
  for (const name of queues.filter((queue) => !isUuid(queue))) {
    const result = await ask({ name }, deps)
    const found = result.kind === 'ok' ? byName(result.value, name) : undefined
    if (found !== undefined) ids.push(found.id)
    else missing(name, result.kind === 'failed' ? result.cause : reasonFor(result.value))
  }
  return { ids, problems }
}

/** The queue with the exact name, else the only one that differs just in letter case. */
function byName(queues: readonly Queue[], name: string): Queue | undefined {
  const exact = queues.find((queue) => queue.name === name)
  if (exact !== undefined) return exact
  const alike = queues.filter((queue) => queue.name.toLowerCase() === name.toLowerCase())
  return alike.length === 1 ? alike[0] : undefined
}

const reasonFor = (answered: readonly Queue[]): string =>
  answered.length >= queuesPerCall
    ? `not among the first ${queuesPerCall} queues whose name holds this text: give its id`
    : 'no queue has this name, or the OAuth client may not see it'

async function ask(
  query: QueueQuery,
  { findQueues, retry }: QueuesDeps,
): Promise<CallResult<readonly Queue[]>> {
  for (;;) {
    const result = await findQueues(query)
    if (result.kind === 'ok' || isFinal(result)) return result
    if (!(await retry(result))) return result
  }
}

const isFinal = ({ why }: CallFailure): boolean =>
  why === 'forbidden' || why === 'rejected' || why === 'not_found' || why === 'conflict'
