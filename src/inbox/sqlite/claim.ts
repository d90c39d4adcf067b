import type Database from 'better-sqlite3'
import {
  type Claim,
  maxBytesPerClaim,
  maxEventsPerClaim,
  type ParticipantKey,
  type PendingEvent,
} from '../inbox.ts'
import type { Transactional } from './group-commit.ts'
import type { StoredValues } from './known-values.ts'
import type { Leases } from './leases.ts'

/** `at`: current time of the monotonic clock, by which leases start and end. */
export interface Claims extends Transactional {
  claim(request: { limit: number; leaseMs: number }, at: number): Claim[]
  borrow(request: { key: ParticipantKey; leaseMs: number }, at: number): Claim | undefined
  /** Discards rows read ahead. Call it after a release: the participant may now be the most urgent one. */
  discardReadAhead(): void
}

export interface ClaimDeps {
  readonly database: Database.Database
  readonly leases: Leases
  readonly known: Pick<StoredValues, 'of'>
}

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

/**
 * One of this many claims takes the participant that has waited longest, so that a constant flow of urgent events
 * does not starve the others.
 */
export const fairnessEvery = 8

/** Number of rows to read ahead. */
const readAheadRows = 64

/** A claim is a lease in memory, so claiming writes nothing. An index gives the order, so the cost does not grow with the backlog. */
export function createClaim({ database, leases, known }: ClaimDeps): Claims {
  const columns = 'id, conversation_id, participant_id, failure_code, failure_attempts'
  const mostUrgent = database.prepare<[number], ParticipantRow>(`
    SELECT ${columns} FROM participants
    WHERE due_at IS NULL ORDER BY priority, ended, first_sequence LIMIT ?`)
  const longestWaiting = database.prepare<[number], ParticipantRow>(`
    SELECT ${columns} FROM participants WHERE due_at IS NULL ORDER BY first_sequence LIMIT ?`)
  const eventsOf = database.prepare<[number, number], EventRow>(`
    SELECT sequence, accepted_at, event FROM events
    WHERE participant = ? AND state = 'pending' ORDER BY sequence LIMIT ?`)

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

  const take = (key: ParticipantKey, leaseMs: number, at: number): Omit<Claim, 'events'> => ({
    key,
    lease: leases.take(key, leaseMs, at),
    known: known.of(key),
    failure: undefined,
  })

  const takeRow = (row: ParticipantRow, leaseMs: number, at: number): Claim => ({
    ...take(keyOf(row), leaseMs, at),
    events: pendingOf(row.id),
    failure:
      row.failure_code === null ? undefined : { code: row.failure_code, attempts: row.failure_attempts },
  })

  const upcoming = {
    urgent: createReadAhead(mostUrgent, leases),
    oldest: createReadAhead(longestWaiting, leases),
  }
  const discardReadAhead = () => {
    upcoming.urgent.discardReadAhead()
    upcoming.oldest.discardReadAhead()
  }

  return {
    claim: ({ limit, leaseMs }, at) => {
      const claims: Claim[] = []
      while (claims.length < limit) {
        const byAge = (claimed + 1) % fairnessEvery === 0
        const row = (byAge ? upcoming.oldest : upcoming.urgent).next(at)
        if (row === undefined) break
        claims.push(takeRow(row, leaseMs, at))
        claimed += 1
      }
      return claims
    },
    borrow: ({ key, leaseMs }, at) =>
      leases.isHeld(key, at) ? undefined : { ...take(key, leaseMs, at), events: [] },
    discardReadAhead,
    committed: discardReadAhead,
    rolledBack: () => {},
  }
}

/** Returns participants without a lease in the order of `select`. It reads ahead, because many are claimed between two commits. */
function createReadAhead(select: Database.Statement<[number], ParticipantRow>, leases: Leases) {
  let rows: ParticipantRow[] = []
  let next = 0
  return {
    next: (at: number): ParticipantRow | undefined => {
      const free = (row: ParticipantRow) => !leases.isHeld(keyOf(row), at)
      while (next < rows.length) {
        const row = rows[next++]
        if (row !== undefined && free(row)) return row
      }
      rows = select.all(leases.size + readAheadRows).filter(free)
      next = 1
      return rows[0]
    },
    discardReadAhead: () => {
      rows = []
    },
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
