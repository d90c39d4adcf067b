import {
  type CallFailure,
  type CallResult,
  type NotificationsApi,
  type Queue,
  type QueueQuery,
  queuesPerCall,
} from '../genesys/notifications.ts'
import type { Problem } from './status.ts'

export interface QueuesFound {
  readonly ids: readonly string[]
  readonly problems: readonly Problem[]
}

export interface QueuesDeps {
  readonly findQueues: NotificationsApi['findQueues']
  /** Called after a temporary failure: resolves when to retry, with false to give up. */
  readonly retry: (failure: CallFailure) => Promise<boolean>
}

const isId = (queue: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(queue)

/**
 * The ids of queues that are given by name or id: one call for each name, one for every 100 ids. A queue that Genesys Cloud
 * does not know becomes a problem; the others are still found.
 */
export async function findQueues(queues: readonly string[], deps: QueuesDeps): Promise<QueuesFound> {
  const ids: string[] = []
  const problems: Problem[] = []
  const missing = (subject: string, detail: string) =>
    problems.push({ code: 'queue_not_found', subject, detail })

  const given = queues.filter(isId)
  for (let first = 0; first < given.length; first += queuesPerCall) {
    const asked = given.slice(first, first + queuesPerCall)
    const result = await ask({ ids: asked }, deps)
    // Without the permission to view queues, subscribing may still be allowed; the subscription will show.
    if (result.kind === 'failed') ids.push(...asked)
    else sortIds(asked, result.value)
  }
  for (const name of queues.filter((queue) => !isId(queue))) {
    const result = await ask({ name }, deps)
    const found = result.kind === 'ok' ? byName(result.value, name) : undefined
    if (found !== undefined) ids.push(found.id)
    else missing(name, result.kind === 'failed' ? result.cause : reasonFor(result.value))
  }
  return { ids, problems }

  function sortIds(asked: readonly string[], answered: readonly Queue[]): void {
    const known = new Set(answered.map(({ id }) => id.toLowerCase()))
    for (const id of asked) {
      if (known.has(id.toLowerCase())) ids.push(id)
      else missing(id, 'no queue has this id, or the OAuth client may not see it')
    }
  }
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
