import { readPages } from '../admin/pages.ts'
import type { AdminClient } from '../admin-client.ts'
import { CommandFailure } from '../command-failure.ts'
import type { Progress } from '../progress.ts'
import { reportChanged } from './report-changed.ts'
import type { Change, DeadLetterSource } from './source.ts'

/** Most ids in one request. */
const maxIds = 500

/** The dead letters of a running service. */
export function servedLetters(client: AdminClient): DeadLetterSource {
  return {
    list: ({ code, rule, since }, limit) => {
      const filter = { code, rule, since: since === undefined ? undefined : new Date(since).toISOString() }
      return readPages(limit, (page) => client.deadLetters({ ...filter, ...page }))
    },
    show: (id) => client.deadLetter(id),
    change: (what, selection, progress) => {
      if ('ids' in selection) return changeIds(client, what, selection.ids, progress)
      const countDead = async () => (await client.status()).inbox.dead
      return reportChanged(() => client.change(what, selection), { selection, countDead, progress })
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
    progress.update(changed, ids.length)
  }
  return changed
}

/** The service answers 404 if none of the ids in a request is that of a dead letter. */
function noneFound(error: unknown): number {
  if (error instanceof CommandFailure && error.parts.code === 'event_not_found') return 0
  throw error
}
