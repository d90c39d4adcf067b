import { setTimeout as sleep } from 'node:timers/promises'
import { readPages } from '../admin/pages.ts'
import type { AdminClient } from '../admin-client.ts'
import { CommandFailure } from '../command-failure.ts'
import { count } from '../format.ts'
import type { Progress } from '../progress.ts'
import type { Change, DeadLetterSource } from './source.ts'

/** Most ids in one request. */
const maxIds = 500
const pollMs = 1_000

/** The dead letters of a running service. */
export function servedLetters(client: AdminClient): DeadLetterSource {
  return {
    list: ({ code, rule, since }, limit) => {
      const filter = { code, rule, since: since === undefined ? undefined : new Date(since).toISOString() }
      return readPages(limit, (page) => client.deadLetters({ ...filter, ...page }))
    },
    show: (id) => client.deadLetter(id),
    change: async (what, selection, progress) => {
      if ('ids' in selection) return changeIds(client, what, selection.ids, progress)
      const finished = new AbortController()
      const polling = pollDeadLetters(client, finished.signal, progress)
      try {
        return await client.change(what, selection)
      } finally {
        finished.abort()
        await polling
      }
    },
  }
}

async function changeIds(
  client: AdminClient,
  what: Change,
  ids: readonly string[],
  progress: Progress,
): Promise<number> {
  let changed = 0
  for (let from = 0; from < ids.length; from += maxIds) {
    changed += await client.change(what, { ids: ids.slice(from, from + maxIds) }).catch(noneFound)
    progress.update(`${count(changed, 'dead letter')} of ${ids.length}`)
  }
  return changed
}

/** While the service works on many dead letters, its status shows how many are left. */
async function pollDeadLetters(
  client: AdminClient,
  finished: AbortSignal,
  progress: Progress,
): Promise<void> {
  for (;;) {
    await sleep(pollMs, undefined, { signal: finished }).catch(() => undefined)
    if (finished.aborted) return
    const status = await client.status().catch(() => undefined)
    if (status !== undefined) progress.update(`${count(status.inbox.dead, 'dead letter')} left in the inbox`)
  }
}

/** The service answers 404 if none of the ids in a request is that of a dead letter. */
function noneFound(error: unknown): number {
  if (error instanceof CommandFailure && error.parts.code === 'event_not_found') return 0
  throw error
}
