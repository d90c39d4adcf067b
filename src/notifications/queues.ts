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
  /** After a failure that may pass: resolves when to ask again, with false if there is no point any more. */
  readonly again: (failure: CallFailure) => Promise<boolean>
}

const isId = (queue: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(queue)

/**
 * The ids of queues that are given by name or id: one call for each name, one for every 100 ids. What Genesys Cloud
 * does not know is a problem of its own; the others are found all the same.
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
    // Who may not look at queues may still be allowed to hear of them: the subscription tells.
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

/** The exact name, else the only one that differs in upper and lower case alone. */
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
  { findQueues, again }: QueuesDeps,
): Promise<CallResult<readonly Queue[]>> {
  for (;;) {
    const result = await findQueues(query)
    if (result.kind === 'ok' || isFinal(result)) return result
    if (!(await again(result))) return result
  }
}

const isFinal = ({ why }: CallFailure): boolean =>
  why === 'forbidden' || why === 'rejected' || why === 'not_found' || why === 'conflict'
