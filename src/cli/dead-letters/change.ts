import { setTimeout as sleep } from 'node:timers/promises'
import type { AdminClient, Selection } from '../admin-client.ts'
import { count } from '../format.ts'
import type { Progress } from '../progress.ts'

export type Change = 'replay' | 'drop'

/** Most ids in one request. */
const maxIds = 500
const pollMs = 1_000

/** Replays or drops dead letters of a running service; returns their number. */
export async function changeOnService(
  client: AdminClient,
  what: Change,
  selection: Selection,
  progress: Progress,
): Promise<number> {
  if ('ids' in selection) return changeIds(client, what, selection.ids, progress)
  const finished = new AbortController()
  const polling = pollDeadLetters(client, finished.signal, progress)
  try {
    return await client.change(what, selection)
  } finally {
    finished.abort()
    await polling
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
    changed += await client.change(what, { ids: ids.slice(from, from + maxIds) })
    progress.update(`${progressName[what]}: ${count(changed, 'dead letter')} of ${ids.length}`)
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

const progressName = { replay: 'Replayed', drop: 'Dropped' } as const
