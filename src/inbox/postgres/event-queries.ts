import type { EventHistory, EventPage, EventQuery } from '../inbox.ts'
import type { Parameter, Query } from './connections.ts'
import type { ReadHistories } from './histories.ts'

interface QueriesDeps {
  readonly query: Query
  readonly client: string
  readonly read: ReadHistories
}

/** Rows that one statement searches for events of one state, and that one query searches. */
const rowsPerStep = 10_000
const maxRows = 100_000
/** Events of one conversation that are found: the last ones. */
const maxPerConversation = 10_000

/** Finds events for people who investigate. No statement reads many rows. */
export function createEventQueries({ query, client, read }: QueriesDeps) {
  /** The lowest sequence of the next rows to search; undefined: fewer are left. */
  async function boundary(
    before: number,
    rows: number,
    conversationId: string | undefined,
  ): Promise<number | undefined> {
    const condition = conversationId === undefined ? '' : ' AND conversation_id = $4'
    const parameters = conversationId === undefined ? [] : [conversationId]
    const [row] = await query<{ sequence: number }>(
      `SELECT sequence FROM inbox_events WHERE client = $1 AND sequence < $2${condition} ORDER BY sequence DESC OFFSET $3 LIMIT 1`,
      [client, before, rows - 1, ...parameters],
    )
    return row?.sequence
  }

  function page(given: EventQuery, isIndexed: boolean, from: number, before: number, limit: number) {
    const parameters: Parameter[] = [from, before]
    const conditions = ['e.sequence >= $2', 'e.sequence < $3']
    const add = (column: string, value: string | number | undefined, operator = '=') => {
      if (value === undefined) return
      parameters.push(value)
      conditions.push(`e.${column} ${operator} $${parameters.length + 1}`)
    }
    add('conversation_id', given.conversationId)
    add('participant_id', given.participantId)
    add('accepted_at', given.since, '>=')
    // As a literal, the state allows the index of the dead letters, and otherwise none: with old statistics, the planner would read
    // all pending events.
    if (isIndexed) conditions.push(`e.state = '${given.state}'`)
    else add("state || ''", given.state)
    return read({ conditions, parameters, order: 'DESC', limit })
  }

  return async (given: EventQuery): Promise<EventPage> => {
    const { conversationId, state, limit } = given
    const rowsAtOnce = conversationId === undefined ? rowsPerStep : maxPerConversation
    const items: EventHistory[] = []
    let before = given.before ?? Number.MAX_SAFE_INTEGER
    for (let searched = 0; searched < maxRows; searched += rowsAtOnce) {
      const isFiltered = given.participantId !== undefined || given.since !== undefined
      const isIndexed = conversationId === undefined && state === 'dead' && !isFiltered
      const from = isIndexed ? undefined : await boundary(before, rowsAtOnce, conversationId)
      const found = await page(given, isIndexed, from ?? 0, before, limit - items.length)
      items.push(...found.items)
      const last = found.items.at(-1)?.sequence
      if (found.isCut && last !== undefined) return { items, next: last }
      if (from === undefined || conversationId !== undefined) return { items, next: undefined }
      if (given.since !== undefined && (await isOlder(from, given.since))) return { items, next: undefined }
      before = from
    }
    return { items, next: before }
  }

  /** Acceptance times do not fall, so all further events are older too. */
  async function isOlder(sequence: number, since: number): Promise<boolean> {
    const [row] = await query<{ accepted_at: number }>(
      'SELECT accepted_at FROM inbox_events WHERE client = $1 AND sequence = $2',
      [client, sequence],
    )
    return row !== undefined && row.accepted_at < since
  }
}
