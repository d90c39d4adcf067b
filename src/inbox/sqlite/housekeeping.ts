import type Database from 'better-sqlite3'
import type { Counters } from './counters.ts'
import type { HashIndex } from './hash-index.ts'
import type { StoredValues } from './known-values.ts'
import type { Leases } from './leases.ts'
import type { Settle } from './settle.ts'

export interface HousekeepingDeps {
  readonly database: Database.Database
  readonly indexes: readonly HashIndex[]
  readonly known: Pick<StoredValues, 'forget'>
  readonly counters: Counters
  readonly leases: Leases
  readonly settle: Settle
}

interface OverdueRow {
  sequence: number
  participant: number
  conversation_id: string
  participant_id: string
}

interface ForgottenRow {
  state: string
  sequence: number
}

/** Expires and prunes at most `limit` rows per call. Call both functions inside a transaction. */
export function createHousekeeping({ database, indexes, known, counters, leases, settle }: HousekeepingDeps) {
  const overdue = database.prepare<[number, number], OverdueRow>(`
    SELECT e.sequence, e.participant, p.conversation_id, p.participant_id
    FROM events e JOIN participants p ON p.id = e.participant
    WHERE e.state = 'pending' AND e.accepted_at < ? ORDER BY e.accepted_at LIMIT ?`)
  const forgetEvents = database.prepare<[number, number], ForgottenRow>(`
    DELETE FROM events WHERE sequence IN
      (SELECT sequence FROM events WHERE settled_at < ? LIMIT ?) RETURNING state, sequence`)
  const noteForgotten = database.prepare<[number]>(`
    INSERT INTO forgotten VALUES (1, ?) ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)`)

  return {
    /** `at`: current time of the monotonic clock, by which leases end. */
    expire({ acceptedBefore, limit }: { acceptedBefore: number; limit: number }, at: number): number {
      const rows = overdue
        .all(acceptedBefore, limit + leases.size)
        .filter(
          ({ conversation_id: conversationId, participant_id: participantId }) =>
            !leases.isHeld({ conversationId, participantId }, at),
        )
      settle.finish(rows.map(({ sequence }) => ({ sequence, state: 'dead', code: 'expired' })))
      for (const participant of new Set(rows.map((row) => row.participant))) settle.refresh(participant)
      return rows.length
    },
    prune({ before, limit }: { before: number; limit: number }): number {
      const forgotten = forgetEvents.all(before, limit)
      if (forgotten.length > 0) noteForgotten.run(Math.max(...forgotten.map(({ sequence }) => sequence)))
      counters.add({ dead: -forgotten.filter(({ state }) => state === 'dead').length })
      const values = known.forget(before, limit)
      for (const index of indexes) index.sweep()
      return forgotten.length + values
    },
  }
}
