import type Database from 'better-sqlite3'
import { maxEventsPerClaim, type ParticipantKey, type Retry } from '../inbox.ts'
import { createHashIndex } from './hash-index.ts'

/**
 * Longest wait of a retry: the service obeys a Retry-After of up to an hour. An earlier process wrote a due time
 * further ahead, before the clock was set back.
 */
const maxDeferMs = 3_660_000

export type Participants = ReturnType<typeof createParticipants>

/**
 * One row per participant with pending events. Due times are those of a clock that never jumps. Call the methods that
 * write inside a transaction.
 */
export function createParticipants(database: Database.Database) {
  const index = createHashIndex({ database, table: 'participants', id: 'id', text: 'conversation_id' })
  const isOf = database.prepare<[number, string, string]>(
    'SELECT id FROM participants WHERE id = ? AND conversation_id = ? AND participant_id = ?',
  )
  const ofConversation = database.prepare<[number, string], { id: number }>(
    'SELECT id FROM participants WHERE id = ? AND conversation_id = ?',
  )
  const insert = database.prepare<[number, string, string, number, number]>(`
    INSERT INTO participants (id, conversation_id, participant_id, priority, first_sequence) VALUES (?, ?, ?, ?, ?)`)
  const raise = database.prepare<[number, number, number]>(
    'UPDATE participants SET priority = ? WHERE id = ? AND priority > ?',
  )
  const hasPending = database.prepare<[number]>(
    "SELECT 1 FROM events WHERE participant = ? AND state = 'pending' LIMIT 1",
  )
  const remaining = database.prepare<[number, number], { first: number | null; priority: number }>(`
    SELECT min(sequence) AS first, min(priority) AS priority FROM
      (SELECT sequence, priority FROM events WHERE participant = ? AND state = 'pending' ORDER BY sequence LIMIT ?)`)
  const update = database.prepare<[number, number, number]>(
    'UPDATE participants SET first_sequence = ?, priority = ? WHERE id = ?',
  )
  const remove = database
    .prepare<[number], string>('DELETE FROM participants WHERE id = ? RETURNING conversation_id')
    .pluck()
  const end = database.prepare<[number, string]>(
    'UPDATE participants SET ended = 1 WHERE id = ? AND conversation_id = ?',
  )
  const defer = database.prepare<[number | null, string | null, number, number | null, number]>(
    'UPDATE participants SET due_at = ?, failure_code = ?, failure_attempts = ?, failed_at = ? WHERE id = ?',
  )
  const selectDueTimes = database.prepare<[], { first: number | null; last: number | null }>(`
    SELECT (SELECT min(due_at) FROM participants WHERE due_at IS NOT NULL) AS first,
      (SELECT max(due_at) FROM participants WHERE due_at IS NOT NULL) AS last`)
  const promote = database.prepare<[number, number]>(
    'UPDATE participants SET due_at = NULL WHERE due_at <= ? OR due_at > ?',
  )

  /** Cached until the next commit, because they are read far more often than they change. */
  let cachedDueTimes: { first: number | null; last: number | null } | undefined
  const dueTimes = () => {
    cachedDueTimes ??= selectDueTimes.get() ?? { first: null, last: null }
    return cachedDueTimes
  }

  const find = ({ conversationId, participantId }: ParticipantKey): number | undefined =>
    index.candidates(conversationId).find((id) => isOf.get(id, conversationId, participantId) !== undefined)

  /** Updates the row after an event of the participant was settled. Returns whether another one is pending. */
  function refresh(id: number): boolean {
    const rest = hasPending.get(id) === undefined ? undefined : remaining.get(id, maxEventsPerClaim)
    if (rest?.first != null) {
      update.run(rest.first, rest.priority, id)
      return true
    }
    const conversationId = remove.get(id)
    if (conversationId !== undefined) index.remove(conversationId, id)
    return false
  }

  return {
    /** Finds rows by conversation. */
    index,
    /** Creates or updates the row for a new event. Returns the row's id, which is `newId` for a new row. */
    upsert(key: ParticipantKey, sequence: number, priority: number, newId = sequence): number {
      const id = find(key)
      if (id !== undefined) {
        raise.run(priority, id, priority)
        return id
      }
      insert.run(newId, key.conversationId, key.participantId, priority, sequence)
      index.add(key.conversationId, newId)
      return newId
    },
    /** The ids of the participants of a conversation. */
    idsOf: (conversationId: string): number[] =>
      index.candidates(conversationId).filter((id) => ofConversation.get(id, conversationId) !== undefined),
    refresh,
    /** Like `refresh`, and defers the participant, or makes it claimable. `at`: wall clock. */
    settle(key: ParticipantKey, retry: Retry | undefined, at: number): void {
      const id = find(key)
      if (id === undefined || !refresh(id)) return
      const { code = null, attempts = 0 } = retry?.failure ?? {}
      defer.run(retry?.dueAt ?? null, code, attempts, retry === undefined ? null : at, id)
    },
    /** Marks the participants of the conversation as ended. */
    noteEnded(conversationId: string): void {
      for (const id of index.candidates(conversationId)) end.run(id, conversationId)
    },
    /** The earliest due time; undefined if no participant is deferred. */
    nextDueAt: (): number | undefined => dueTimes().first ?? undefined,
    /** Whether `promote` would change a participant. */
    isDue(at: number): boolean {
      const { first, last } = dueTimes()
      return first !== null && (first <= at || Number(last) > at + maxDeferMs)
    },
    /** Makes due participants claimable. */
    promote(at: number): void {
      promote.run(at, at + maxDeferMs)
    },
    committed(): void {
      cachedDueTimes = undefined
    },
    rolledBack: () => {},
  }
}
