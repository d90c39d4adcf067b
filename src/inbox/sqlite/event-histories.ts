import type Database from 'better-sqlite3'
import type { EventHistory, EventState } from '../inbox.ts'
import { toOutcome } from '../recorded-outcome.ts'
import type { Decisions } from './decisions.ts'
import type { Records } from './records.ts'

interface Row {
  readonly sequence: number
  readonly acceptedAt: number
  readonly event: string
  readonly state: EventState
  readonly settledAt: number | null
  readonly replayedAt: number | null
  /** Of an unchanged event, its reason. */
  readonly code: string | null
  readonly detail: string | null
  readonly attempts: number | null
  readonly decision: number | null
  readonly patch: number | null
  readonly status: number | null
  readonly correlationId: string | null
  readonly targetId: string | null
  readonly failureCode: string | null
  readonly failedAt: number | null
  readonly dueAt: number | null
}

interface HistoriesDeps {
  readonly database: Database.Database
  readonly records: Records
  readonly decisions: Decisions
  /** From the clock of due times to the wall clock. */
  readonly toWallClock: (dueAt: number) => number
}

export type EventHistories = ReturnType<typeof createEventHistories>

/** Reads the life of one event. */
export function createEventHistories({ database, records, decisions, toWallClock }: HistoriesDeps) {
  const select = database.prepare<[number], Row>(`
    SELECT e.sequence, e.accepted_at AS acceptedAt, e.event, e.state, e.settled_at AS settledAt,
      e.replayed_at AS replayedAt, e.code, e.detail, r.attempts, r.decision, r.patch, r.status,
      r.correlation_id AS correlationId, r.target_id AS targetId,
      p.failure_code AS failureCode, p.failed_at AS failedAt, p.due_at AS dueAt
    FROM events e LEFT JOIN records r ON r.id = e.record
      LEFT JOIN participants p ON p.id = e.participant AND e.state = 'pending'
    WHERE e.sequence = ?`)
  const identity = database
    .prepare<[number], string>('SELECT identity FROM events WHERE sequence = ?')
    .pluck()

  function mergedWith({ patch, sequence }: Row): readonly string[] {
    const others = patch === null ? [] : records.mergedWith(patch, sequence)
    return others.map((other) => identity.get(other)).filter((found) => found !== undefined)
  }

  return (sequence: number): { readonly history: EventHistory; readonly bytes: number } | undefined => {
    const row = select.get(sequence)
    if (row === undefined) return undefined
    const { acceptedAt, state, settledAt, replayedAt, detail, attempts, targetId, failedAt, dueAt } = row
    const history = {
      sequence,
      acceptedAt,
      event: JSON.parse(row.event),
      state,
      settledAt: settledAt ?? undefined,
      replayedAt: replayedAt ?? undefined,
      attempts: attempts ?? 0,
      detail: detail ?? undefined,
      failedAt: failedAt ?? undefined,
      dueAt: dueAt === null ? undefined : toWallClock(dueAt),
      ...decisions.namesOf(row.decision),
      targetId: targetId ?? undefined,
      mergedWith: mergedWith(row),
      ...toOutcome(row),
    }
    return { history, bytes: row.event.length }
  }
}
