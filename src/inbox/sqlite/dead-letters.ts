import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { createDeadLetterTally } from '../dead-letter-tally.ts'
import type {
  DeadLetter,
  DeadLetterCounts,
  DeadLetterMatch,
  DeadLetterQuery,
  DeadLetterSelection,
  EventHistory,
} from '../inbox.ts'
import type { Decisions } from './decisions.ts'
import type { EventHistories } from './event-histories.ts'
import type { EventQueries } from './event-queries.ts'
import type { Events } from './events.ts'
import type { GroupCommit } from './group-commit.ts'

interface DeadLettersDeps {
  readonly database: Database.Database
  readonly events: Events
  readonly decisions: Pick<Decisions, 'namesOf'>
  readonly historyOf: EventHistories
  readonly queryEvents: EventQueries
  readonly commits: Pick<GroupCommit, 'read' | 'write'>
}

interface Row {
  readonly sequence: number
  readonly code: string | null
  readonly diedAt: number
  readonly decision: number | null
}

/** Letters per step of a replay: a step holds up other work for a few ms. */
const lettersPerStep = 500
const lettersPerRead = 500

/** Lists, replays and drops dead letters, in steps that let other work continue. */
export function createDeadLetters(deps: DeadLettersDeps) {
  const { database, events, decisions, historyOf, queryEvents, commits } = deps
  const columns = 'e.sequence, e.code, e.settled_at AS diedAt, r.decision'
  const select = database.prepare<[number, number], Row>(`
    SELECT ${columns} FROM events e LEFT JOIN records r ON r.id = e.record
    WHERE e.state = 'dead' AND e.sequence > ? ORDER BY e.sequence LIMIT ?`)
  const selectOne = database.prepare<[number], Row>(`
    SELECT ${columns} FROM events e LEFT JOIN records r ON r.id = e.record
    WHERE e.state = 'dead' AND e.sequence = ?`)
  const last = database
    .prepare<[], number | null>("SELECT max(sequence) FROM events WHERE state = 'dead'")
    .pluck()

  /** In order of acceptance. A letter that dies again during a replay is not visited again. */
  async function* rowsAfter(after: number): AsyncIterable<readonly Row[]> {
    const end = commits.read(() => last.get() ?? 0)
    let rows: Row[] = []
    let position = after
    do {
      rows = commits.read(() => select.all(position, lettersPerRead))
      position = rows.at(-1)?.sequence ?? end
      yield rows.filter(({ sequence }) => sequence <= end)
      await nextTurn()
    } while (rows.length === lettersPerRead && position < end)
  }

  /** Finds them without a search of all dead letters. */
  async function* rowsOfConversation(conversationId: string, after: number): AsyncIterable<readonly Row[]> {
    const sequences: number[] = []
    let before: number | undefined
    do {
      const query = { conversationId, state: 'dead', limit: lettersPerRead } as const
      const page = await queryEvents(before === undefined ? query : { ...query, before })
      sequences.push(...page.items.map(({ sequence }) => sequence))
      before = page.next
    } while (before !== undefined)
    const later = sequences.filter((sequence) => sequence > after).reverse()
    yield commits.read(() => later.flatMap((sequence) => selectOne.get(sequence) ?? []))
  }

  /** The rows that fit, in order of acceptance. */
  async function* fittingRows(match: DeadLetterMatch, after = 0): AsyncIterable<readonly Row[]> {
    const { code, since, rule, conversationId } = match
    const all = conversationId === undefined ? rowsAfter(after) : rowsOfConversation(conversationId, after)
    const rulesOf = createRulesOf()
    for await (const rows of all)
      yield rows.filter(
        (row) =>
          (code === undefined || row.code === code) &&
          (since === undefined || row.diedAt >= since) &&
          (rule === undefined || rulesOf(row).includes(rule)),
      )
  }

  /** Few decisions differ, so each is read once per query. */
  function createRulesOf() {
    const known = new Map<number | null, readonly string[]>()
    return ({ decision }: Row): readonly string[] => {
      const rules = known.get(decision) ?? commits.read(() => decisions.namesOf(decision)).rules
      known.set(decision, rules)
      return rules
    }
  }

  async function* selected(selection: DeadLetterSelection): AsyncIterable<readonly number[]> {
    if ('identities' in selection) {
      const found = commits.read(() => selection.identities.map(events.find))
      yield [...new Set(found)].filter((sequence) => sequence !== undefined)
      return
    }
    const match = 'all' in selection ? {} : selection
    for await (const rows of fittingRows(match)) yield rows.map(({ sequence }) => sequence)
  }

  async function change(
    selection: DeadLetterSelection,
    step: (sequences: readonly number[]) => number,
  ): Promise<number> {
    let changed = 0
    for await (const sequences of selected(selection)) {
      for (let from = 0; from < sequences.length; from += lettersPerStep) {
        const part = sequences.slice(from, from + lettersPerStep)
        changed += await commits.write(() => step(part))
      }
    }
    return changed
  }

  return {
    async list({ limit, after, ...match }: DeadLetterQuery): Promise<readonly DeadLetter[]> {
      const letters: DeadLetter[] = []
      for await (const rows of fittingRows(match, after)) {
        for (const { sequence } of rows) {
          const letter = toDeadLetter(commits.read(() => historyOf(sequence))?.history)
          if (letter !== undefined) letters.push(letter)
          if (letters.length >= limit) return letters
        }
      }
      return letters
    },
    async count(match: DeadLetterMatch): Promise<DeadLetterCounts> {
      const tally = createDeadLetterTally()
      const rulesOf = createRulesOf()
      for await (const rows of fittingRows(match))
        for (const row of rows) tally.add(row.code ?? 'unknown', rulesOf(row))
      return tally.counts()
    },
    replay: (selection: DeadLetterSelection) => change(selection, events.replay),
    drop: (selection: DeadLetterSelection) => change(selection, events.drop),
  }
}

/** Undefined: the event is no dead letter any more. */
function toDeadLetter(history: EventHistory | undefined): DeadLetter | undefined {
  if (history?.state !== 'dead' || history.settledAt === undefined) return undefined
  return {
    ...history,
    identity: history.event.identity,
    code: history.code ?? 'unknown',
    diedAt: history.settledAt,
  }
}
