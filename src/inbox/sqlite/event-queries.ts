import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { EventHistory, EventPage, EventQuery, EventState } from '../inbox.ts'
import type { EventHistories } from './event-histories.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Participants } from './participants.ts'
import type { Records } from './records.ts'

interface QueriesDeps {
  readonly database: Database.Database
  readonly records: Records
  readonly participants: Pick<Participants, 'idsOf'>
  readonly historyOf: EventHistories
  readonly commits: Pick<GroupCommit, 'read'>
}

/** Rows to read before other work gets a turn. */
const rowsPerTurn = 500
/** Rows that one query reads at most. */
const maxRows = 100_000
/** Events of one conversation that are found: the last ones. */
const maxPerConversation = 10_000
/** Bytes of event JSON in a page, approximately. */
const maxPageBytes = 8_388_608

interface Batch {
  /** In descending order. */
  readonly sequences: readonly number[]
  /** Rows read for it. */
  readonly rows: number
  /** The sequence of the last row. */
  readonly last: number
}

export type EventQueries = ReturnType<typeof createEventQueries>

/** Finds events for people who investigate. No query reads many rows in one turn of the event loop. */
export function createEventQueries({ database, records, participants, historyOf, commits }: QueriesDeps) {
  const newest = database.prepare<[number, number], { sequence: number; state: EventState }>(
    'SELECT sequence, state FROM events WHERE sequence < ? ORDER BY sequence DESC LIMIT ?',
  )
  const newestDead = database
    .prepare<[number, number], number>(
      "SELECT sequence FROM events WHERE state = 'dead' AND sequence < ? ORDER BY sequence DESC LIMIT ?",
    )
    .pluck()
  const pendingOf = database
    .prepare<[number, number], number>(
      `SELECT sequence FROM events WHERE participant = ? AND state = 'pending' ORDER BY sequence DESC LIMIT ?`,
    )
    .pluck()

  const linkOf = (id: number) => commits.read(() => records.linkOf(id))

  async function* newestFirst({ state, before = Number.MAX_SAFE_INTEGER }: EventQuery): AsyncIterable<Batch> {
    let rows: readonly { sequence: number; state?: EventState }[] = []
    let last = before
    do {
      rows = commits.read(() =>
        state === 'dead'
          ? newestDead.all(last, rowsPerTurn).map((sequence) => ({ sequence, state }))
          : newest.all(last, rowsPerTurn),
      )
      last = rows.at(-1)?.sequence ?? last
      const wanted = rows.filter((row) => state === undefined || row.state === state)
      yield { sequences: wanted.map(({ sequence }) => sequence), rows: rows.length, last }
    } while (rows.length === rowsPerTurn)
  }

  async function* ofConversation(conversationId: string, { before }: EventQuery): AsyncIterable<Batch> {
    const found = new Set<number>()
    for (const id of commits.read(() => participants.idsOf(conversationId)))
      for (const sequence of commits.read(() => pendingOf.all(id, maxPerConversation))) found.add(sequence)
    let id = commits.read(() => records.latestOf(conversationId))
    for (let steps = 1; id !== undefined && steps <= maxPerConversation; steps += 1) {
      const link = linkOf(id)
      if (link !== undefined) found.add(link.sequence)
      id = link?.previous ?? undefined
      if (steps % rowsPerTurn === 0) await nextTurn()
    }
    const sequences = [...found]
      .filter((sequence) => before === undefined || sequence < before)
      .sort((a, b) => b - a)
    for (let from = 0; from < sequences.length; from += rowsPerTurn) {
      const batch = sequences.slice(from, from + rowsPerTurn)
      yield { sequences: batch, rows: batch.length, last: batch.at(-1) ?? 0 }
    }
  }

  return async (query: EventQuery): Promise<EventPage> => {
    const { conversationId, limit } = query
    const items: EventHistory[] = []
    let bytes = 0
    let rowsRead = 0
    const batches = conversationId === undefined ? newestFirst(query) : ofConversation(conversationId, query)
    for await (const { sequences, rows, last } of batches) {
      for (const sequence of sequences) {
        const found = commits.read(() => historyOf(sequence))
        if (found === undefined) continue
        // Acceptance times do not fall, so all further events are older too.
        if (query.since !== undefined && found.history.acceptedAt < query.since)
          return { items, next: undefined }
        if (matches(found.history, query)) items.push(found.history)
        bytes += found.bytes
        if (items.length >= limit || bytes > maxPageBytes) return { items, next: sequence }
      }
      rowsRead += rows
      if (rowsRead >= maxRows) return { items, next: last }
      await nextTurn()
    }
    return { items, next: undefined }
  }
}

const matches = (
  { event, state }: EventHistory,
  { conversationId = event.conversationId, participantId, state: wanted = state }: EventQuery,
): boolean =>
  event.conversationId === conversationId &&
  (participantId === undefined || event.participantId === participantId) &&
  state === wanted
