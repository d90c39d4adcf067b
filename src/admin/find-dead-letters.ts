import type { DeadLetterQuery, Inbox } from '../inbox/inbox.ts'
import { deadLetterView } from './event-views.ts'

/** Reads one letter more than the page has, because a full page may be the last one. */
export async function readDeadLetterPage(inbox: Pick<Inbox, 'deadLetters'>, query: DeadLetterQuery) {
  const letters = await inbox.deadLetters({ ...query, limit: query.limit + 1 })
  const page = letters.slice(0, query.limit)
  const nextCursor = letters.length > query.limit ? (page.at(-1)?.sequence ?? null) : null
  return { items: page.map(deadLetterView), nextCursor }
}

/** The identities of the dead letters with these ids, which may be those that the senders gave to the events. */
export async function findDeadLetters(
  inbox: Pick<Inbox, 'event'>,
  ids: readonly string[],
): Promise<{ readonly identities: readonly string[]; readonly skipped: readonly string[] }> {
  const identities: string[] = []
  const skipped: string[] = []
  for (const id of ids) {
    const found = (await inbox.event(id)) ?? (await inbox.event(`id:${id}`))
    if (found?.history.state === 'dead') identities.push(found.history.event.identity)
    else skipped.push(id)
  }
  return { identities, skipped }
}
