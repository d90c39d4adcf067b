import type { DeadLetterMatch } from '../../inbox/inbox.ts'
import { unexpectedAnswer } from '../admin/explain-answer.ts'
import { readPages } from '../admin/pages.ts'
import type { AdminClient } from '../admin-client.ts'
import { CommandFailure } from '../command-failure.ts'
import type { Progress } from '../progress.ts'
import { notADeadLetter } from './not-a-dead-letter.ts'
import { reportChanged } from './report-changed.ts'
import type { Change, Changed, DeadLetterSource } from './source.ts'

/** Most ids in one request. */
const maxIds = 500

/** The dead letters of a running service. */
export function servedLetters(client: AdminClient): DeadLetterSource {
  return {
    list: (match, limit) => readPages(limit, (page) => client.deadLetters({ ...toQuery(match), ...page })),
    counts: async (match) => {
      const { counts } = await client.deadLetters({ ...toQuery(match), limit: 1, counts: 'true' })
      if (counts === undefined) throw unexpectedAnswer(client.url, 'counts is missing')
      return counts
    },
    show: async (id) => {
      const letter = await client.deadLetter(id).catch(undefinedIfNotFound)
      if (letter !== undefined) return letter
      throw notADeadLetter(await client.event(id))
    },
    change: (what, selection, progress) => {
      if ('ids' in selection) return changeIds(client, what, selection.ids, progress)
      const countDead = async () => (await client.status()).inbox.dead
      return reportChanged(() => client.change(what, selection), { selection, countDead, progress })
    },
  }
}

const toQuery = ({ since, ...match }: DeadLetterMatch) => ({
  ...match,
  since: since === undefined ? undefined : new Date(since).toISOString(),
})

async function changeIds(
  client: AdminClient,
  what: Change,
  ids: readonly string[],
  progress: Progress,
): Promise<Changed> {
  let changed = 0
  const skipped: string[] = []
  for (let from = 0; from < ids.length; from += maxIds) {
    const part = ids.slice(from, from + maxIds)
    // The service answers 404 if none of the ids in a request is that of a dead letter.
    const answer = await client.change(what, { ids: part }).catch(undefinedIfNotFound)
    changed += answer?.changed ?? 0
    skipped.push(...(answer?.skipped ?? part))
    progress.update(changed, ids.length)
  }
  return { changed, skipped }
}

function undefinedIfNotFound(error: unknown): undefined {
  if (error instanceof CommandFailure && error.parts.code === 'event_not_found') return undefined
  throw error
}
