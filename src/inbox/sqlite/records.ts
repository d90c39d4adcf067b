import type Database from 'better-sqlite3'
import { maxEventsPerClaim, maxMergedWith, type OutcomeRecord } from '../inbox.ts'
import { createConversationHeads } from './conversation-heads.ts'
import type { Decisions } from './decisions.ts'

/** A record to add. */
interface NewRecord {
  readonly sequence: number
  readonly conversationId: string
  readonly attempts: number
  readonly outcome?: OutcomeRecord | undefined
  /** The first record of the same PATCH; undefined: this one, if it is part of a PATCH. */
  readonly patch?: number | undefined
}

/** A link of the chain of records with one hash. */
interface Link {
  readonly sequence: number
  readonly previous: number | null
}

export type Records = ReturnType<typeof createRecords>

/**
 * The table of records: one row for each settlement of an event, and one for a pending event whose calls failed. Rows are only added
 * at the end: an event that is settled again gets a new row, and the old one stays as a link of the chain until it is pruned. So a
 * chain loses its rows from its end, like the events. Write inside a transaction.
 */
export function createRecords(database: Database.Database, decisions: Decisions) {
  const heads = createConversationHeads({ database })
  const insert = database.prepare<
    [
      id: number,
      sequence: number,
      hash: number,
      previous: number | null,
      attempts: number,
      decision: number | null,
      patch: number | null,
      status: number | null,
      correlationId: string | null,
      targetId: string | null,
    ]
  >('INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const attempts = database.prepare<[number], number>('SELECT attempts FROM records WHERE id = ?').pluck()
  const countAttempt = database.prepare<[number]>('UPDATE records SET attempts = attempts + 1 WHERE id = ?')
  const link = database.prepare<[number], Link>('SELECT sequence, previous FROM records WHERE id = ?')
  const samePatch = database
    .prepare<[number, number, number, number, number], number>(
      'SELECT sequence FROM records WHERE id BETWEEN ? AND ? AND patch = ? AND sequence <> ? LIMIT ?',
    )
    .pluck()
  const prune = database.prepare<[number, number]>(`
    DELETE FROM records WHERE id IN (
      SELECT id FROM records r WHERE id <= ?
        AND NOT EXISTS (SELECT 1 FROM events e WHERE e.sequence = r.sequence AND e.record = r.id AND e.state = 'pending')
      ORDER BY id LIMIT ?)`)

  return {
    heads,
    /** The id that `add` gives to the next record. */
    nextId: heads.nextId,
    /** Returns the id of the record. */
    add({ sequence, conversationId, attempts: made, outcome, patch }: NewRecord, at: number): number {
      const id = heads.nextId()
      const hash = heads.hash(conversationId)
      const previous = heads.replace(hash, id) ?? null
      const decision = outcome === undefined ? undefined : decisions.idOf(outcome, at)
      const ofPatch = outcome?.inPatch === true ? (patch ?? id) : null
      const { status = null, correlationId = null } = outcome?.api ?? {}
      insert.run(
        id,
        sequence,
        hash,
        previous,
        made,
        decision ?? null,
        ofPatch,
        status,
        correlationId,
        outcome?.targetId ?? null,
      )
      return id
    },
    /** 0 if there is no such record. */
    attemptsOf: (id: number | null | undefined): number => (id == null ? 0 : (attempts.get(id) ?? 0)),
    /** False if there is no such record. */
    countAttempt: (id: number | null | undefined): boolean => id != null && countAttempt.run(id).changes > 0,
    /** The id of the latest record of a conversation, to be followed with `linkOf`. Others may have the same hash. */
    latestOf: (conversationId: string): number | undefined => heads.latest(heads.hash(conversationId)),
    linkOf: (id: number): Link | undefined => link.get(id),
    /** Sequences of the other events of a PATCH. */
    mergedWith: (patch: number, sequence: number): readonly number[] =>
      samePatch.all(patch, patch + maxEventsPerClaim, patch, sequence, maxMergedWith),
    /** Deletes records up to this id, except those that count the attempts of pending events. */
    prune: (lastId: number, limit: number): void => {
      prune.run(lastId, limit)
    },
  }
}
