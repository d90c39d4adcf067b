import { randomUUID } from 'node:crypto'
import type Database from 'better-sqlite3'
import {
  type Claim,
  maxBytesPerClaim,
  maxEventsPerClaim,
  type ParticipantKey,
  type PendingEvent,
} from '../inbox.ts'
import { type KnownValuesTable, participantText } from './known-values.ts'

interface ClaimDeps {
  readonly database: Database.Database
  readonly known: Pick<KnownValuesTable, 'of'>
  readonly leases: Leases
}

/** By participant. Includes expired leases whose participant was neither claimed again nor settled. */
export type Leases = Map<string, { readonly id: string; readonly expiresAt: number }>

interface ParticipantRow extends ParticipantKey {
  readonly id: number
  readonly code: string | null
  readonly attempts: number
}

/**
 * One of this many claims takes the participant that has waited longest, so that a constant flow of urgent events
 * does not starve the others.
 */
const fairnessEvery = 8

/** Number of rows to read ahead. */
const readAheadRows = 64

export type Claims = ReturnType<typeof createClaims>

/**
 * A claim is a lease in memory: the file belongs to one process, so the end of the process ends every lease, and claiming
 * writes nothing. An index gives the order, so the cost does not grow with the backlog. `at`: ms of a clock that never jumps.
 */
export function createClaims({ database, known, leases }: ClaimDeps) {
  const columns = `id, conversation_id AS conversationId, participant_id AS participantId,
    failure_code AS code, failure_attempts AS attempts`
  const mostUrgent = database.prepare<[number], ParticipantRow>(`
    SELECT ${columns} FROM participants
    WHERE due_at IS NULL ORDER BY priority, ended, first_sequence LIMIT ?`)
  const longestWaiting = database.prepare<[number], ParticipantRow>(`
    SELECT ${columns} FROM participants WHERE due_at IS NULL ORDER BY first_sequence LIMIT ?`)
  const eventsOf = database.prepare<[number, number], Omit<PendingEvent, 'event'> & { event: string }>(`
    SELECT sequence, accepted_at AS acceptedAt, event FROM events
    WHERE participant = ? AND state = 'pending' ORDER BY sequence LIMIT ?`)

  let claimed = 0
  function leaseOf(key: ParticipantKey, at: number): string | undefined {
    const lease = leases.get(participantText(key))
    return lease !== undefined && lease.expiresAt > at ? lease.id : undefined
  }
  const isLeased = (key: ParticipantKey, at: number): boolean => leaseOf(key, at) !== undefined

  function take(key: ParticipantKey, leaseMs: number, at: number): Claim {
    const { conversationId, participantId } = key
    const lease = randomUUID()
    leases.set(participantText(key), { id: lease, expiresAt: at + leaseMs })
    return {
      key: { conversationId, participantId },
      lease,
      known: known.of(key),
      failure: undefined,
      events: [],
    }
  }

  function pendingOf(participant: number): PendingEvent[] {
    const events: PendingEvent[] = []
    let bytes = 0
    for (const row of eventsOf.iterate(participant, maxEventsPerClaim)) {
      bytes += row.event.length
      if (events.length > 0 && bytes > maxBytesPerClaim) break
      events.push({ ...row, event: JSON.parse(row.event) })
    }
    return events
  }

  /** Returns participants without a lease in the order of `select`. It reads ahead, because many are claimed between two commits. */
  function createReadAhead(select: Database.Statement<[number], ParticipantRow>) {
    let rows: ParticipantRow[] = []
    let next = 0
    return {
      next: (at: number): ParticipantRow | undefined => {
        const free = (row: ParticipantRow) => !isLeased(row, at)
        while (next < rows.length) {
          const row = rows[next++]
          if (row !== undefined && free(row)) return row
        }
        rows = select.all(leases.size + readAheadRows).filter(free)
        next = 1
        return rows[0]
      },
      discard: () => {
        rows = []
      },
    }
  }
  const urgent = createReadAhead(mostUrgent)
  const oldest = createReadAhead(longestWaiting)
  function discardReadAhead(): void {
    urgent.discard()
    oldest.discard()
  }

  return {
    claim({ limit, leaseMs }: { limit: number; leaseMs: number }, at: number): Claim[] {
      const claims: Claim[] = []
      while (claims.length < limit) {
        const byAge = (claimed + 1) % fairnessEvery === 0
        const row = (byAge ? oldest : urgent).next(at)
        if (row === undefined) break
        const { code, attempts } = row
        const failure = code === null ? undefined : { code, attempts }
        claims.push({ ...take(row, leaseMs, at), events: pendingOf(row.id), failure })
        claimed += 1
      }
      return claims
    },
    borrow: ({ key, leaseMs }: { key: ParticipantKey; leaseMs: number }, at: number): Claim | undefined =>
      isLeased(key, at) ? undefined : take(key, leaseMs, at),
    isLeased,
    /** Whether the claim still has its lease. */
    holds: ({ key, lease }: Claim, at: number): boolean => leaseOf(key, at) === lease,
    release({ key, lease }: Claim): void {
      if (leases.get(participantText(key))?.id === lease) leases.delete(participantText(key))
      discardReadAhead() // the participant may now be the most urgent one
    },
    /** Includes expired leases. */
    leaseCount: () => leases.size,
    inFlight: (at: number): number => [...leases.values()].filter(({ expiresAt }) => expiresAt > at).length,
    committed: discardReadAhead,
    rolledBack: () => {},
  }
}
