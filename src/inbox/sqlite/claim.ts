import type Database from 'better-sqlite3'
import {
  type Claim,
  type KnownValue,
  maxBytesPerClaim,
  maxEventsPerClaim,
  type ParticipantKey,
  type PendingEvent,
} from '../inbox.ts'
import type { Leases } from './leases.ts'

interface ParticipantRow {
  id: number
  conversation_id: string
  participant_id: string
  failure_code: string | null
  failure_attempts: number
}
interface EventRow {
  sequence: number
  accepted_at: number
  event: string
}
interface KnownValueRow {
  attribute: string
  value: string
  decided_at: number
  sequence: number
  known_at: number
}

/**
 * So that urgent work without end does not starve the rest: each participant's turn comes after at most this many
 * claims for each participant that has waited longer than it.
 */
export const fairnessEvery = 8

/** Reads without writing: a claim is a lease in memory. Ordered by an index, so its cost does not grow with the backlog. */
export function createClaim({ database, leases }: { database: Database.Database; leases: Leases }) {
  const columns = 'id, conversation_id, participant_id, failure_code, failure_attempts'
  const mostUrgent = database.prepare<[number], ParticipantRow>(`
    SELECT ${columns} FROM participants
    WHERE due_at IS NULL ORDER BY priority, ended, first_sequence LIMIT ?`)
  const longestWaiting = database.prepare<[number], ParticipantRow>(`
    SELECT ${columns} FROM participants WHERE due_at IS NULL ORDER BY first_sequence LIMIT ?`)
  const eventsOf = database.prepare<[number, number], EventRow>(`
    SELECT sequence, accepted_at, event FROM events
    WHERE participant = ? AND state = 'pending' ORDER BY sequence LIMIT ?`)
  const knownOf = database.prepare<[string, string], KnownValueRow>(`
    SELECT attribute, value, decided_at, sequence, known_at FROM known_values
    WHERE conversation_id = ? AND participant_id = ?`)

  let claimed = 0

  function pendingOf(participant: number): PendingEvent[] {
    const events: PendingEvent[] = []
    let bytes = 0
    for (const row of eventsOf.iterate(participant, maxEventsPerClaim)) {
      bytes += row.event.length
      if (events.length > 0 && bytes > maxBytesPerClaim) break
      events.push(toPendingEvent(row))
    }
    return events
  }

  const take = (key: ParticipantKey, leaseMs: number): Omit<Claim, 'events'> => ({
    key,
    lease: leases.take(key, leaseMs),
    known: new Map(knownOf.all(key.conversationId, key.participantId).map(toKnownValue)),
    failure: undefined,
  })

  const takeRow = (row: ParticipantRow, leaseMs: number): Claim => ({
    ...take(keyOf(row), leaseMs),
    events: pendingOf(row.id),
    failure:
      row.failure_code === null ? undefined : { code: row.failure_code, attempts: row.failure_attempts },
  })

  function claim({ limit, leaseMs }: { limit: number; leaseMs: number }): Claim[] {
    const claims: Claim[] = []
    while (claims.length < limit) {
      const byAge = (claimed + 1) % fairnessEvery === 0
      const candidates = (byAge ? longestWaiting : mostUrgent).all(leases.size + limit - claims.length)
      const free = candidates.filter((row) => !leases.isHeld(keyOf(row)))
      if (free.length === 0) break
      const untilFairness = fairnessEvery - 1 - (claimed % fairnessEvery)
      for (const row of free.slice(0, byAge ? 1 : Math.min(untilFairness, limit - claims.length))) {
        claims.push(takeRow(row, leaseMs))
        claimed += 1
      }
    }
    return claims
  }

  return {
    claim,
    borrow: ({ key, leaseMs }: { key: ParticipantKey; leaseMs: number }): Claim | undefined =>
      leases.isHeld(key) ? undefined : { ...take(key, leaseMs), events: [] },
  }
}

const keyOf = (row: ParticipantRow) => ({
  conversationId: row.conversation_id,
  participantId: row.participant_id,
})

const toPendingEvent = (row: EventRow): PendingEvent => ({
  sequence: row.sequence,
  acceptedAt: row.accepted_at,
  event: JSON.parse(row.event),
})

const toKnownValue = (row: KnownValueRow): [string, KnownValue] => [
  row.attribute,
  { value: row.value, decidedAt: row.decided_at, sequence: row.sequence, knownAt: row.known_at },
]
