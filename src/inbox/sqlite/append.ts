import type Database from 'better-sqlite3'
import type { AppendResult, NewEvent } from '../inbox.ts'
import type { Counters } from './counters.ts'
import type { Identities } from './identities.ts'
import type { Participants } from './participants.ts'

export interface AppendDeps {
  readonly database: Database.Database
  readonly identities: Identities
  readonly participants: Participants
  readonly counters: Counters
  readonly maxPending: number
  readonly now: () => number
}

/** Acceptance times rise with the sequence, so the latest is among the last rows and needs no index. */
const recentEvents = 1_000

const maxAheadMs = 5 * 60_000

/** Returns the function that stores events. Call it inside a transaction. */
export function createAppend({ database, identities, participants, counters, maxPending, now }: AppendDeps) {
  const insert = database.prepare<[number, string, number, number, number, string]>(`
    INSERT INTO events (sequence, identity, participant, priority, accepted_at, state, event)
    VALUES (?, ?, ?, ?, ?, 'pending', ?)`)
  let lastSequence = Number(
    database
      .prepare(
        `SELECT max(sequence) FROM (SELECT 0 AS sequence UNION ALL SELECT max(sequence) FROM events
           UNION ALL SELECT sequence FROM forgotten)`,
      )
      .pluck()
      .get(),
  )

  let lastAcceptedAt = Number(
    database
      .prepare('SELECT ifnull(max(accepted_at), 0) FROM events WHERE sequence > ?')
      .pluck()
      .get(lastSequence - recentEvents),
  )

  return (events: readonly NewEvent[]): AppendResult => {
    if (counters.pending + events.length > maxPending) {
      const distinct = new Set(events.map(({ event }) => event.identity))
      const fresh = [...distinct].filter((identity) => !identities.has(identity)).length
      if (fresh > 0 && counters.pending + fresh > maxPending)
        return { kind: 'full', pending: counters.pending }
    }
    // Acceptance times must not fall when the clock is set back. The limit lets them recover
    // after the clock was far ahead.
    const at = now()
    lastAcceptedAt = Math.max(Math.min(lastAcceptedAt, at + maxAheadMs), at)
    const acceptedAt = lastAcceptedAt
    const results = events.map(({ event, priority }) => {
      const { identity, conversationId, participantId = '' } = event
      if (identities.has(identity)) return 'duplicate'
      lastSequence += 1
      identities.index.add(identity, lastSequence)
      const participant = participants.upsert({ conversationId, participantId }, lastSequence, priority)
      insert.run(lastSequence, identity, participant, priority, acceptedAt, JSON.stringify(event))
      counters.add({ pending: 1 })
      return 'accepted'
    })
    return { kind: 'appended', results }
  }
}
