import type {
  DeadLetter,
  DeadLetterMatch,
  DeadLetterQuery,
  DeadLetterSelection,
  EventHistory,
} from '../inbox.ts'
import type { Parameter, Query } from './connections.ts'
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

/** Letters per transaction of a replay: few enough not to delay other work. */
const lettersPerStep = 500

/** Lists, replays and drops dead letters, in steps that let other work continue. */
export function createDeadLetters({ query, client, read, ...deps }: DeadLettersDeps) {
  async function list({ limit, after = 0, ...match }: DeadLetterQuery): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = []
    let position = after
    for (;;) {
      const { conditions, parameters } = matching(match, [position])
      const page = await read({
        conditions: [...conditions, 'e.sequence > $2'],
        parameters,
        order: 'ASC',
        limit: Math.min(limit, lettersPerStep),
      })
      for (const history of page.items) {
        const letter = toDeadLetter(history)
        if (letter === undefined || !fitsRule(letter, match)) continue
        letters.push(letter)
        if (letters.length >= limit) return letters
      }
      const last = page.items.at(-1)?.sequence
      if (!page.isCut || last === undefined) return letters
      position = last
    }
  }

  /** The sequences of the selected letters, in steps. A letter that dies again during a replay is not visited again. */
  async function* selected(selection: DeadLetterSelection): AsyncIterable<readonly number[]> {
    if ('identities' in selection) {
      for (let from = 0; from < selection.identities.length; from += lettersPerStep) {
        const rows = await query<{ sequence: number }>(
          "SELECT sequence FROM inbox_events WHERE client = $1 AND identity = ANY ($2) AND state = 'dead' ORDER BY sequence",
          [client, selection.identities.slice(from, from + lettersPerStep)],
        )
        yield rows.map(({ sequence }) => sequence)
      }
      return
    }
    const match: DeadLetterMatch = 'all' in selection ? {} : selection
    const [end] = await query<{ last: number | null }>(
      "SELECT max(sequence) AS last FROM inbox_events WHERE client = $1 AND state = 'dead'",
      [client],
    )
    let position = 0
    for (;;) {
      const { conditions, parameters } = matching(match, [position, end?.last ?? 0])
      const rows = await query<{ sequence: number; decision: string | null }>(
        `SELECT e.sequence, e.decision FROM inbox_events e
         WHERE e.client = $1 AND ${conditions.join(' AND ')} AND e.sequence > $2 AND e.sequence <= $3
         ORDER BY e.sequence LIMIT ${lettersPerStep}`,
        [client, ...parameters],
      )
      yield rows.filter(({ decision }) => fitsRule(namesOf(decision), match)).map(({ sequence }) => sequence)
      const last = rows.at(-1)?.sequence
      if (rows.length < lettersPerStep || last === undefined) return
      position = last
    }
  }

  async function change(
    selection: DeadLetterSelection,
    step: (sequences: readonly number[]) => Promise<number>,
  ): Promise<number> {
    let changed = 0
    for await (const sequences of selected(selection))
      if (sequences.length > 0) changed += await step(sequences)
    return changed
  }

  return {
    list,
    replay: (selection: DeadLetterSelection) => change(selection, deps.replay),
    drop: (selection: DeadLetterSelection) => change(selection, deps.drop),
  }
}

/** SQL conditions for everything but the rule. `first`: the values of the first parameters, from `$2` on. */
function matching({ code, since }: DeadLetterMatch, first: readonly Parameter[]) {
  const parameters = [...first]
  const conditions = ["e.state = 'dead'"]
  if (code !== undefined) conditions.push(`e.code = $${parameters.push(code) + 1}`)
  if (since !== undefined) conditions.push(`e.settled_at >= $${parameters.push(since) + 1}`)
  return { conditions, parameters }
}

const fitsRule = ({ rules }: Pick<EventHistory, 'rules'>, { rule }: DeadLetterMatch): boolean =>
  rule === undefined || rules.includes(rule)

function toDeadLetter(history: EventHistory): DeadLetter | undefined {
  if (history.settledAt === undefined) return undefined
  const { code = 'unknown', settledAt: diedAt, event } = history
  return { ...history, identity: event.identity, code, diedAt }
}
