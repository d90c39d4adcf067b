import type Database from 'better-sqlite3'
import type { Outcome, ParticipantKey, Retry } from '../inbox.ts'
import { maxEventsPerClaim } from '../inbox.ts'
import type { Counters } from './counters.ts'
import type { Participants } from './participants.ts'

export interface SettleDeps {
  readonly database: Database.Database
  readonly participants: Participants
  readonly counters: Counters
  readonly now: () => number
}

/** Records the outcomes of events and updates their participants. Call the functions inside a transaction. */
export function createSettle({ database, participants, counters, now }: SettleDeps) {
  const finish = database.prepare<[string, number, string | null, string | null, number]>(`
    UPDATE events SET state = ?, settled_at = ?, code = ?, detail = ? WHERE sequence = ? AND state = 'pending'`)
  const remaining = database.prepare<[number, number], { first: number | null; priority: number }>(`
    SELECT min(sequence) AS first, min(priority) AS priority FROM
      (SELECT sequence, priority FROM events WHERE participant = ? AND state = 'pending' ORDER BY sequence LIMIT ?)`)
  const updateParticipant = database.prepare<[number, number, number]>(
    'UPDATE participants SET first_sequence = ?, priority = ? WHERE id = ?',
  )
  const defer = database.prepare<[number | null, string | null, number, number]>(
    'UPDATE participants SET due_at = ?, failure_code = ?, failure_attempts = ? WHERE id = ?',
  )

  /** Updates the participant's row, or removes it when no event is pending. Returns whether one is pending. */
  function refresh(participant: number): boolean {
    const rest = remaining.get(participant, maxEventsPerClaim)
    if (rest?.first == null) participants.remove(participant)
    else updateParticipant.run(rest.first, rest.priority, participant)
    return rest?.first != null
  }

  return {
    finish(outcomes: readonly Outcome[]): void {
      const at = now()
      for (const { sequence, state, code, detail } of outcomes) {
        const { changes } = finish.run(state, at, code ?? null, detail ?? null, sequence)
        if (changes === 1) counters.add({ pending: -1, dead: state === 'dead' ? 1 : 0 })
      }
    },
    refresh,
    refreshKey(key: ParticipantKey, retry?: Retry): void {
      const id = participants.find(key)
      if (id === undefined || !refresh(id)) return
      const { code = null, attempts = 0 } = retry?.failure ?? {}
      defer.run(retry?.dueAt ?? null, code, attempts, id)
    },
  }
}

export type Settle = ReturnType<typeof createSettle>
