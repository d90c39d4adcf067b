import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type {
  DeadLetter,
  DeadLetterMatch,
  DeadLetterQuery,
  DeadLetterSelection,
  EventHistory,
} from '../inbox.ts'
import type { EventHistories } from './event-histories.ts'
import type { Events } from './events.ts'
import type { GroupCommit } from './group-commit.ts'

interface DeadLettersDeps {
  readonly database: Database.Database
  readonly events: Events
  readonly historyOf: EventHistories
  readonly commits: Pick<GroupCommit, 'read' | 'write'>
}

interface Row {
  readonly sequence: number
  readonly code: string | null
  readonly diedAt: number
}

/** Letters per step of a replay: a step holds up other work for a few ms. */
const lettersPerStep = 500
const lettersPerRead = 500

/** Lists, replays and drops dead letters, in steps that let other work continue. */
export function createDeadLetters({ database, events, historyOf, commits }: DeadLettersDeps) {
  const select = database.prepare<[number, number], Row>(`
    SELECT sequence, code, settled_at AS diedAt FROM events
    WHERE state = 'dead' AND sequence > ? ORDER BY sequence LIMIT ?`)
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

  async function* selected(selection: DeadLetterSelection): AsyncIterable<readonly number[]> {
    if ('identities' in selection) {
      const found = commits.read(() => selection.identities.map(events.find))
      yield [...new Set(found)].filter((sequence) => sequence !== undefined)
      return
    }
    const match = 'all' in selection ? {} : selection
    for await (const rows of rowsAfter(0)) {
      const fitting = rows.filter((row) => fits(row, match))
      yield fitting.map(({ sequence }) => sequence)
    }
  }

  /** Reads the history, which is slower, only if the match needs it. */
  const fits = (row: Row, match: DeadLetterMatch): boolean =>
    rowFits(row, match) && (match.rule === undefined || rulesOf(row.sequence).includes(match.rule))

  const rulesOf = (sequence: number) => commits.read(() => historyOf(sequence))?.history.rules ?? []

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
    async list({ limit, after = 0, ...match }: DeadLetterQuery): Promise<readonly DeadLetter[]> {
      const letters: DeadLetter[] = []
      for await (const rows of rowsAfter(after)) {
        for (const row of rows) {
          if (!rowFits(row, match)) continue
          const letter = toDeadLetter(commits.read(() => historyOf(row.sequence))?.history)
          if (letter === undefined || (match.rule !== undefined && !letter.rules.includes(match.rule)))
            continue
          letters.push(letter)
          if (letters.length >= limit) return letters
        }
      }
      return letters
    },
    replay: (selection: DeadLetterSelection) => change(selection, events.replay),
    drop: (selection: DeadLetterSelection) => change(selection, events.drop),
  }
}

const rowFits = (row: Row, { code, since }: DeadLetterMatch): boolean =>
  (code === undefined || row.code === code) && (since === undefined || row.diedAt >= since)

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
