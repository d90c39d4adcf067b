import type Database from 'better-sqlite3'
import type { StoredEvent } from '../../transfer/rows.ts'
import type { TableWriters, TransferState } from '../../transfer/stores.ts'
import { createDecisions, type DecisionNames } from '../decisions.ts'
import { createRecords } from '../records.ts'
import { createState } from './state.ts'

/** Writes the rows of another inbox into an open file. */
export function createWriters(database: Database.Database): TableWriters {
  const state = createState(database)
  const decisions = createDecisions(database)
  const records = createRecords(database, decisions)
  const followers = [decisions, records.heads]
  const insertParticipant = database.prepare<[(number | string | null)[]]>(`
    INSERT INTO participants (id, conversation_id, participant_id, priority, first_sequence, ended, due_at, failed_at, failure_code,
      failure_attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const insertEvent = database.prepare<[(number | string | null)[]]>(`
    INSERT INTO events (sequence, identity, participant, priority, accepted_at, state, settled_at, code, detail, event, record,
      replayed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const insertValue = database.prepare<[(number | string | null)[]]>(`
    INSERT INTO known_values (conversation_id, participant_id, attribute, value, decided_at, sequence, known_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`)
  const patchOf = database
    .prepare<[number], number | null>(
      'SELECT r.patch FROM events e JOIN records r ON r.id = e.record WHERE e.sequence = ?',
    )
    .pluck()
  /** The PATCH of the event before. */
  let latest: { readonly patch: number; readonly settledAt: number | null; readonly id: number } | undefined

  function commit(next: TransferState, write: () => void): void {
    try {
      database.transaction(() => {
        records.heads.store()
        write()
        state.set(next)
      })()
    } catch (error) {
      for (const follower of followers) follower.rolledBack()
      throw error
    }
    for (const follower of followers) follower.committed()
  }

  /** Returns the id of the record; null if the event needs none. */
  function addRecord(row: StoredEvent): number | null {
    const { sequence, settledAt, attempts, decision, patch, status, correlationId, targetId } = row
    const isEmpty =
      attempts === 0 && [decision, status, correlationId, targetId].every((value) => value === null)
    if (settledAt === null && isEmpty) return null
    const { conversationId }: { readonly conversationId: string } = JSON.parse(row.event)
    const isSamePatch = latest !== undefined && latest.patch === patch && latest.settledAt === settledAt
    const known = patch === null ? undefined : isSamePatch ? latest?.id : patchOf.get(patch)
    const id = records.add(
      {
        sequence,
        conversationId,
        attempts,
        patch: known ?? undefined,
        outcome: {
          ...namesOf(decision),
          inPatch: patch !== null,
          ...(targetId !== null && { targetId }),
          api: { ...(status !== null && { status }), ...(correlationId !== null && { correlationId }) },
        },
      },
      settledAt ?? row.replayedAt ?? row.acceptedAt,
    )
    if (patch !== null) latest = { patch, settledAt, id: known ?? id }
    return id
  }

  return {
    participants: async (rows, next) =>
      commit(next, () => {
        // No two participants have the same first event, so its sequence is the id.
        for (const row of rows)
          insertParticipant.run([
            row.firstSequence,
            row.conversationId,
            row.participantId,
            row.priority,
            row.firstSequence,
            row.ended ? 1 : 0,
            row.dueAt,
            row.failedAt,
            row.failureCode,
            row.failureAttempts,
          ])
      }),
    events: async (rows, next) =>
      commit(next, () => {
        for (const row of rows)
          insertEvent.run([
            row.sequence,
            row.identity,
            row.firstSequence ?? 0, // only pending events need it
            row.priority,
            row.acceptedAt,
            row.state,
            row.settledAt,
            row.code,
            row.detail,
            row.event,
            addRecord(row),
            row.replayedAt,
          ])
      }),
    knownValues: async (rows, next) =>
      commit(next, () => {
        for (const { conversationId, participantId, attribute, value, decidedAt, sequence, knownAt } of rows)
          insertValue.run([conversationId, participantId, attribute, value, decidedAt, sequence, knownAt])
      }),
  }
}

function namesOf(decision: string | null): DecisionNames {
  const [rules, attributeNames]: [readonly string[], readonly string[]] =
    decision === null ? [[], []] : JSON.parse(decision)
  return { rules, attributeNames }
}
