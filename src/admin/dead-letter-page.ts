import type { DeadLetterQuery, Inbox } from '../inbox/inbox.ts'
import { deadLetterView } from './event-views.ts'

/** Reads one letter more than the page has, because a full page may be the last one. */
export async function readDeadLetterPage(inbox: Pick<Inbox, 'deadLetters'>, query: DeadLetterQuery) {
  const letters = await inbox.deadLetters({ ...query, limit: query.limit + 1 })
  const page = letters.slice(0, query.limit)
  const nextCursor = letters.length > query.limit ? (page.at(-1)?.sequence ?? null) : null
  return { items: page.map(deadLetterView), nextCursor }
}
