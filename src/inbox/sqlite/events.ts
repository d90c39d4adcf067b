import type Database from 'better-sqlite3'
import type {
  AppendResult,
  DeadLetter,
  DeadLetterQuery,
  NewEvent,
  Outcome,
  ParticipantKey,
} from '../inbox.ts'
import type { Claims } from './claims.ts'
import { createHashIndex } from './hash-index.ts'
import type { Participants } from './participants.ts'

interface EventsDeps {
  readonly database: Database.Database
  readonly participants: Participants
  readonly claims: Pick<Claims, 'leaseCount' | 'isLeased'>
  readonly maxPending: number
  readonly now: () => number
}

/** Acceptance times rise with the sequence, so the latest is among the last rows and needs no index. */
const recentEvents = 1_000

const maxAheadMs = 5 * 60_000

/** The table of events. Call the methods that write inside a transaction. */
export function createEvents({ database, participants, claims, maxPending, now }: EventsDeps) {
  const index = createHashIndex({ database, table: 'events', id: 'sequence', text: 'identity' })
  const identityOf = database
    .prepare<[number], string>('SELECT identity FROM events WHERE sequence = ?')
    .pluck()
  const insert = database.prepare<[number, string, number, number, number, string]>(`
    INSERT INTO events (sequence, identity, participant, priority, accepted_at, state, event)
    VALUES (?, ?, ?, ?, ?, 'pending', ?)`)
  const recordOutcome = database.prepare<[string, number, string | null, string | null, number]>(`
    UPDATE events SET state = ?, settled_at = ?, code = ?, detail = ? WHERE sequence = ? AND state = 'pending'`)
  const overdue = database.prepare<
    [number, number],
    ParticipantKey & { sequence: number; participant: number }
  >(`
    SELECT e.sequence, e.participant, p.conversation_id AS conversationId, p.participant_id AS participantId
    FROM events e JOIN participants p ON p.id = e.participant
    WHERE e.state = 'pending' AND e.accepted_at < ? ORDER BY e.accepted_at LIMIT ?`)
  const deleteSettled = database.prepare<[number, number], { state: string; sequence: number }>(`
    DELETE FROM events WHERE sequence IN
      (SELECT sequence FROM events WHERE settled_at < ? LIMIT ?) RETURNING state, sequence`)
  const notePruned = database.prepare<[number]>(`
    INSERT INTO forgotten VALUES (1, ?) ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)`)
  const oldest = database
    .prepare<[], number | null>("SELECT min(accepted_at) FROM events WHERE state = 'pending'")
    .pluck()
  const deadLetters = database.prepare<
    [number, string | null, number],
    Omit<DeadLetter, 'detail' | 'event'> & { detail: string | null; event: string }
  >(`
    SELECT sequence, identity, code, detail, accepted_at AS acceptedAt, settled_at AS diedAt, event FROM events
    WHERE state = 'dead' AND sequence > ? AND code = ifnull(?, code) ORDER BY sequence LIMIT ?`)

  const readNumber = (sql: string, parameters: readonly number[] = []) =>
    Number(database.prepare(sql).pluck().get(parameters))
  let lastSequence = readNumber(
    `SELECT max(sequence) FROM (SELECT 0 AS sequence UNION ALL SELECT max(sequence) FROM events
       UNION ALL SELECT sequence FROM forgotten)`,
  )
  let lastAcceptedAt = readNumber('SELECT ifnull(max(accepted_at), 0) FROM events WHERE sequence > ?', [
    lastSequence - recentEvents,
  ])
  /** Counted in memory, so that no query has to. A rollback restores the durable counts. */
  let durable = {
    pending: readNumber("SELECT count(*) FROM events WHERE state = 'pending'"),
    dead: readNumber("SELECT count(*) FROM events WHERE state = 'dead'"),
  }
  let counts = { ...durable }

  const isStored = (identity: string): boolean =>
    index.candidates(identity).some((sequence) => identityOf.get(sequence) === identity)

  function hasRoomFor(events: readonly NewEvent[]): boolean {
    if (counts.pending + events.length <= maxPending) return true
    const distinct = new Set(events.map(({ event }) => event.identity))
    const fresh = [...distinct].filter((identity) => !isStored(identity)).length
    return fresh === 0 || counts.pending + fresh <= maxPending
  }

  /** Acceptance times must not fall when the clock is set back. The limit lets them recover after the clock was far ahead. */
  function nextAcceptedAt(): number {
    const at = now()
    lastAcceptedAt = Math.max(Math.min(lastAcceptedAt, at + maxAheadMs), at)
    return lastAcceptedAt
  }

  function settle(outcomes: readonly Outcome[]): void {
    const at = now()
    for (const { sequence, state, code, detail } of outcomes) {
      const { changes } = recordOutcome.run(state, at, code ?? null, detail ?? null, sequence)
      counts.pending -= changes
      if (state === 'dead') counts.dead += changes
    }
  }

  return {
    /** Finds rows by identity. */
    index,
    counts: () => counts,
    oldestAcceptedAt: (): number | undefined => oldest.get() ?? undefined,
    append(events: readonly NewEvent[]): AppendResult {
      if (!hasRoomFor(events)) return { kind: 'full', pending: counts.pending }
      const acceptedAt = nextAcceptedAt()
      const results = events.map(({ event, priority }) => {
        const { identity, conversationId, participantId = '' } = event
        if (isStored(identity)) return 'duplicate'
        lastSequence += 1
        index.add(identity, lastSequence)
        const participant = participants.upsert({ conversationId, participantId }, lastSequence, priority)
        insert.run(lastSequence, identity, participant, priority, acceptedAt, JSON.stringify(event))
        counts.pending += 1
        return 'accepted'
      })
      return { kind: 'appended', results }
    },
    settle,
    /** `at`: current time of the clock by which leases end. */
    expire({ acceptedBefore, limit }: { acceptedBefore: number; limit: number }, at: number): number {
      const rows = overdue
        .all(acceptedBefore, limit + claims.leaseCount())
        .filter((row) => !claims.isLeased(row, at))
      settle(rows.map(({ sequence }) => ({ sequence, state: 'dead', code: 'expired' })))
      for (const participant of new Set(rows.map((row) => row.participant))) participants.refresh(participant)
      return rows.length
    },
    /** Deletes events settled before that time. Returns their number. */
    prune({ before, limit }: { before: number; limit: number }): number {
      const pruned = deleteSettled.all(before, limit)
      if (pruned.length > 0) notePruned.run(Math.max(...pruned.map(({ sequence }) => sequence)))
      counts.dead -= pruned.filter(({ state }) => state === 'dead').length
      return pruned.length
    },
    deadLetters: ({ code, limit, after = 0 }: DeadLetterQuery): DeadLetter[] =>
      deadLetters.all(after, code ?? null, limit).map(({ detail, event, ...row }) => ({
        ...row,
        detail: detail ?? undefined,
        event: JSON.parse(event),
      })),
    committed(): void {
      durable = { ...counts }
    },
    rolledBack(): void {
      counts = { ...durable }
    },
  }
}
