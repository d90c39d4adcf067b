import type Database from 'better-sqlite3'
import type { ConversationEvent } from '../../event.ts'
import type { AppendResult, NewEvent, ParticipantKey, Settlement } from '../inbox.ts'
import { type Claims, type EarlierLife, type EarlierLives, replayedPriority } from './claims.ts'
import { createHashIndex } from './hash-index.ts'
import { createOldestPending } from './oldest-pending.ts'
import type { Participants } from './participants.ts'
import type { Records } from './records.ts'

interface EventsDeps {
  readonly database: Database.Database
  readonly participants: Participants
  readonly records: Records
  readonly claims: Pick<Claims, 'leaseCount' | 'isLeased'>
  readonly maxPending: number
  readonly now: () => number
}

/** Acceptance times rise with the sequence, so the latest is among the last rows and needs no index. */
const recentEvents = 1_000

const maxAheadMs = 5 * 60_000

interface Deleted {
  readonly state: string
  readonly sequence: number
  readonly record: number | null
}

export type Events = ReturnType<typeof createEvents>

/** The table of events. Call the methods that write inside a transaction. */
export function createEvents({ database, participants, records, claims, maxPending, now }: EventsDeps) {
  const index = createHashIndex({ database, table: 'events', id: 'sequence', text: 'identity' })
  const identityOf = database.prepare<[number], { sequence: number; identity: string; state: string }>(
    'SELECT sequence, identity, state FROM events WHERE sequence = ?',
  )
  const insert = database.prepare<[number, string, number, number, number, string]>(`
    INSERT INTO events (sequence, identity, participant, priority, accepted_at, state, event)
    VALUES (?, ?, ?, ?, ?, 'pending', ?)`)
  const recordOutcome = database.prepare<[string, number, string | null, string | null, number, number]>(
    "UPDATE events SET state = ?, settled_at = ?, code = ?, detail = ?, record = ? WHERE sequence = ? AND state = 'pending'",
  )
  const setRecord = database.prepare<[number, number]>('UPDATE events SET record = ? WHERE sequence = ?')
  const overdue = database.prepare<
    [number, number],
    ParticipantKey & EarlierLife & { sequence: number; participant: number }
  >(`
    SELECT e.sequence, e.participant, e.record, e.replayed_at AS replayedAt, p.conversation_id AS conversationId, p.participant_id AS participantId
    FROM events e JOIN participants p ON p.id = e.participant
    WHERE e.state = 'pending' AND ifnull(e.replayed_at, e.accepted_at) < ?
    ORDER BY ifnull(e.replayed_at, e.accepted_at) LIMIT ?`)
  const deleteSettled = database.prepare<[number, number], Deleted>(`
    DELETE FROM events WHERE sequence IN
      (SELECT sequence FROM events WHERE settled_at < ? LIMIT ?) RETURNING state, sequence, record`)
  const deadLetter = database
    .prepare<[number], string>("SELECT event FROM events WHERE sequence = ? AND state = 'dead'")
    .pluck()
  const revive = database.prepare<[number, number, number, number]>(`
    UPDATE events SET state = 'pending', settled_at = NULL, priority = ?, participant = ?, replayed_at = ?
    WHERE sequence = ?`)
  const deleteDead = database.prepare<[number], Deleted>(
    "DELETE FROM events WHERE sequence = ? AND state = 'dead' RETURNING state, sequence, record",
  )
  const notePruned = database.prepare<[number]>(`
    INSERT INTO forgotten VALUES (1, ?) ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)`)
  const oldest = createOldestPending(database)

  const readNumber = (sql: string) => Number(database.prepare(sql).pluck().get())
  let lastSequence = Math.max(
    participants.index.nextId() - 1,
    readNumber(`SELECT max(sequence) FROM (SELECT 0 AS sequence UNION ALL SELECT max(sequence) FROM events
       UNION ALL SELECT sequence FROM forgotten)`),
  )
  let lastAcceptedAt = readNumber(
    `SELECT ifnull(max(accepted_at), 0) FROM
       (SELECT accepted_at FROM events ORDER BY sequence DESC LIMIT ${recentEvents})`,
  )
  /** Counted in memory, so that no query has to. A rollback restores the durable counts. */
  let durable = {
    pending: readNumber("SELECT count(*) FROM events WHERE state = 'pending'"),
    replayed: readNumber("SELECT count(replayed_at) FROM events WHERE state = 'pending'"),
    dead: readNumber("SELECT count(*) FROM events WHERE state = 'dead'"),
  }
  let counts = { ...durable }

  const stored = (identity: string) =>
    index
      .candidates(identity)
      .map((sequence) => identityOf.get(sequence))
      .find((row) => row?.identity === identity)

  /** Undefined: there is room for the events. */
  function fullFor(events: readonly NewEvent[]): Extract<AppendResult, { kind: 'full' }> | undefined {
    const { pending, replayed } = counts
    const live = pending - replayed
    if (live + events.length <= maxPending) return undefined
    const distinct = new Set(events.map(({ event }) => event.identity))
    const fresh = [...distinct].filter((identity) => stored(identity) === undefined).length
    if (fresh === 0 || live + fresh <= maxPending) return undefined
    return { kind: 'full', pending, ...(fresh > maxPending && { neverFits: true }) }
  }

  /** Acceptance times must not fall when the clock is set back. The limit lets them recover after the clock was far ahead. */
  function nextAcceptedAt(): number {
    const at = now()
    lastAcceptedAt = Math.max(Math.min(lastAcceptedAt, at + maxAheadMs), at)
    return lastAcceptedAt
  }

  function settle(
    conversationId: string,
    { outcomes, attempted }: Pick<Settlement, 'outcomes' | 'attempted'>,
    earlierLives: EarlierLives,
  ): void {
    const at = now()
    const called = new Set(attempted)
    let patch: number | undefined
    for (const { sequence, state, code, detail, reason, record: outcome } of outcomes) {
      const earlier = earlierLives.get(sequence)
      const attempts = records.attemptsOf(earlier?.record) + (called.delete(sequence) ? 1 : 0)
      const id = records.nextId()
      // An unchanged event has no code: the column holds its reason.
      const why = code ?? reason ?? null
      if (recordOutcome.run(state, at, why, detail ?? null, id, sequence).changes === 0) continue
      records.add({ sequence, conversationId, attempts, outcome, patch }, at)
      if (outcome?.inPatch === true) patch ??= id
      counts.pending -= 1
      if (earlier?.replayedAt != null) counts.replayed -= 1
      if (state === 'dead') counts.dead += 1
    }
    // The call failed, and the event stays pending.
    for (const sequence of called) {
      if (records.countAttempt(earlierLives.get(sequence)?.record)) continue
      setRecord.run(records.add({ sequence, conversationId, attempts: 1 }, at), sequence)
    }
  }

  /** After rows were deleted: counts them, and keeps their sequences from being used again. */
  function noteDeleted(rows: readonly Deleted[]): void {
    if (rows.length === 0) return
    notePruned.run(Math.max(...rows.map(({ sequence }) => sequence)))
    counts.dead -= rows.filter(({ state }) => state === 'dead').length
  }

  return {
    /** Finds rows by identity. */
    index,
    counts: () => counts,
    oldest: () => ({ oldestAcceptedAt: oldest.live.find(), oldestReplayedAt: oldest.replayed.find() }),
    find: (identity: string): number | undefined => stored(identity)?.sequence,
    append(events: readonly NewEvent[]): AppendResult {
      const full = fullFor(events)
      if (full !== undefined) return full
      const acceptedAt = nextAcceptedAt()
      oldest.live.added(acceptedAt)
      const deadLetters: string[] = []
      const results = events.map(({ event, priority }) => {
        const { identity, conversationId, participantId = '' } = event
        const known = stored(identity)
        if (known?.state === 'dead') deadLetters.push(identity)
        if (known !== undefined) return 'duplicate'
        lastSequence += 1
        index.add(identity, lastSequence)
        const participant = participants.upsert({ conversationId, participantId }, lastSequence, priority)
        insert.run(lastSequence, identity, participant, priority, acceptedAt, JSON.stringify(event))
        counts.pending += 1
        return 'accepted'
      })
      return { kind: 'appended', results, ...(deadLetters.length > 0 && { deadLetters }) }
    },
    settle,
    /** `at`: current time of the clock by which leases end. */
    expire({ acceptedBefore, limit }: { acceptedBefore: number; limit: number }, at: number): number {
      const rows = overdue
        .all(acceptedBefore, limit + claims.leaseCount())
        .filter((row) => !claims.isLeased(row, at))
      for (const { conversationId, sequence, ...earlier } of rows)
        settle(
          conversationId,
          { outcomes: [{ sequence, state: 'dead', code: 'expired' }] },
          new Map([[sequence, earlier]]),
        )
      for (const participant of new Set(rows.map((row) => row.participant))) participants.refresh(participant)
      return rows.length
    },
    /** Makes dead letters pending again. Returns their number. */
    replay(sequences: readonly number[]): number {
      const at = now()
      const letters = sequences.flatMap((sequence) => {
        const text = deadLetter.get(sequence)
        return text === undefined ? [] : [{ sequence, text }]
      })
      for (const { sequence, text } of letters) {
        const { conversationId, participantId = '' }: ConversationEvent = JSON.parse(text)
        // The row of its participant was deleted, and ids of rows only rise.
        const newId = lastSequence + 1
        const key = { conversationId, participantId }
        const participant = participants.upsert(key, sequence, replayedPriority, newId)
        if (participant === newId) lastSequence = newId
        oldest.replayed.added(at)
        revive.run(replayedPriority, participant, at, sequence)
      }
      counts.dead -= letters.length
      counts.pending += letters.length
      counts.replayed += letters.length
      return letters.length
    },
    /** Deletes dead letters. Returns their number. */
    drop(sequences: readonly number[]): number {
      const dropped = sequences.flatMap((sequence) => deleteDead.get(sequence) ?? [])
      noteDeleted(dropped)
      return dropped.length
    },
    /** Deletes events settled before that time. Returns their number. */
    prune({ before, limit }: { before: number; limit: number }): number {
      const pruned = deleteSettled.all(before, limit)
      noteDeleted(pruned)
      records.prune(Math.max(0, ...pruned.map(({ record }) => record ?? 0)), 2 * limit)
      return pruned.length
    },
    committed(): void {
      durable = { ...counts }
    },
    rolledBack(): void {
      counts = { ...durable }
    },
  }
}
