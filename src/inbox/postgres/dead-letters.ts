import { createDeadLetterTally } from '../dead-letter-tally.ts'
import type {
  DeadLetter,
  DeadLetterCounts,
  DeadLetterMatch,
  DeadLetterQuery,
  DeadLetterSelection,
  EventHistory,
} from '../inbox.ts'
import type { Query } from './connections.ts'
import { namesOf, type ReadHistories } from './histories.ts'

interface DeadLettersDeps {
  /** For reading. */
  readonly query: Query
  /** For replays and drops: returns the number of changed letters. */
  readonly replay: (sequences: readonly number[]) => Promise<number>
  readonly drop: (sequences: readonly number[]) => Promise<number>
  readonly client: string
  readonly read: ReadHistories
}

interface Row {
  readonly sequence: number
  readonly code: string | null
  readonly died_at: number
  readonly decision: string | null
}

/** Letters per transaction of a replay: few enough not to delay other work. */
const lettersPerStep = 500
const lettersPerRead = 2_000
/** Events of one conversation that are searched: the last ones. */
const maxPerConversation = 10_000

/** Lists, replays and drops dead letters, in steps that let other work continue. */
export function createDeadLetters({ query, client, read, ...deps }: DeadLettersDeps) {
  /**
   * The sequences of fitting letters, in order of acceptance. The statement does not filter: with outdated statistics, the server
   * would read all letters to find a few.
   */
  async function* fittingAfter(after: number, match: DeadLetterMatch): AsyncIterable<readonly Row[]> {
    if (match.conversationId !== undefined) {
      const rows = await ofConversation(match.conversationId, after)
      yield rows.filter((row) => fits(row, match))
      return
    }
    const [last] = await query<{ sequence: number }>(
      "SELECT sequence FROM inbox_events WHERE client = $1 AND state = 'dead' ORDER BY sequence DESC LIMIT 1",
      [client],
    )
    // A letter that dies again during a replay is not visited again.
    const end = last?.sequence ?? 0
    let position = after
    while (position < end) {
      const rows = await query<Row & Record<string, unknown>>(
        `SELECT sequence, code, settled_at AS died_at, decision FROM inbox_events
         WHERE client = $1 AND state = 'dead' AND sequence > $2 ORDER BY sequence LIMIT ${lettersPerRead}`,
        [client, position],
      )
      yield rows.filter((row) => row.sequence <= end && fits(row, match))
      if (rows.length < lettersPerRead) return
      position = rows.at(-1)?.sequence ?? end
    }
  }

  /** Of the last events of the conversation. */
  const ofConversation = (conversationId: string, after: number) =>
    query<Row & Record<string, unknown>>(
      `SELECT * FROM (
         SELECT sequence, code, settled_at AS died_at, decision, state FROM inbox_events
         WHERE client = $1 AND conversation_id = $2 ORDER BY sequence DESC LIMIT ${maxPerConversation}) e
       WHERE state = 'dead' AND sequence > $3 ORDER BY sequence`,
      [client, conversationId, after],
    )

  async function* selected(selection: DeadLetterSelection): AsyncIterable<readonly number[]> {
    if ('identities' in selection) {
      const rows = await query<{ sequence: number }>(
        "SELECT sequence FROM inbox_events WHERE client = $1 AND identity = ANY ($2) AND state || '' = 'dead' ORDER BY sequence",
        [client, selection.identities],
      )
      yield rows.map(({ sequence }) => sequence)
      return
    }
    for await (const rows of fittingAfter(0, 'all' in selection ? {} : selection))
      yield rows.map(({ sequence }) => sequence)
  }

  async function change(
    selection: DeadLetterSelection,
    step: (sequences: readonly number[]) => Promise<number>,
  ): Promise<number> {
    let changed = 0
    for await (const sequences of selected(selection))
      for (let from = 0; from < sequences.length; from += lettersPerStep)
        changed += await step(sequences.slice(from, from + lettersPerStep))
    return changed
  }

  return {
    async list({ limit, after = 0, ...match }: DeadLetterQuery): Promise<readonly DeadLetter[]> {
      const letters: DeadLetter[] = []
      for await (const rows of fittingAfter(after, match)) {
        const sequences = rows.map(({ sequence }) => sequence)
        for (let from = 0; from < sequences.length; ) {
          const part = sequences.slice(from, from + limit - letters.length)
          const { items } = await read({
            conditions: ['e.sequence = ANY ($2)', "e.state || '' = 'dead'"],
            parameters: [part],
            order: 'ASC',
            limit: part.length,
          })
          letters.push(...items.flatMap(toDeadLetter))
          // The page has reached its size, in letters or in bytes.
          if (letters.length >= limit || (items.length > 0 && items.length < part.length)) return letters
          from += part.length
        }
      }
      return letters
    },
    async count(match: DeadLetterMatch): Promise<DeadLetterCounts> {
      const tally = createDeadLetterTally()
      for await (const rows of fittingAfter(0, match))
        for (const { code, decision } of rows) tally.add(code ?? 'unknown', namesOf(decision).rules)
      return tally.counts()
    },
    replay: (selection: DeadLetterSelection) => change(selection, deps.replay),
    drop: (selection: DeadLetterSelection) => change(selection, deps.drop),
  }
}

const fits = (row: Row, { code, since, rule }: DeadLetterMatch): boolean =>
  (code === undefined || row.code === code) &&
  (since === undefined || row.died_at >= since) &&
  (rule === undefined || namesOf(row.decision).rules.includes(rule))

function toDeadLetter(history: EventHistory): DeadLetter[] {
  if (history.settledAt === undefined) return []
  const { code = 'unknown', settledAt: diedAt, event } = history
  return [{ ...history, identity: event.identity, code, diedAt }]
}
