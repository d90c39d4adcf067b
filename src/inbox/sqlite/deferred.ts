import type Database from 'better-sqlite3'
import type { Transactional } from './group-commit.ts'

/** Participants with a due time, by a clock that never jumps. */
export interface Deferred extends Transactional {
  /** The earliest due time; undefined if no participant is deferred. */
  first(): number | undefined
  /** Whether `promote` would change a participant. */
  isDue(at: number): boolean
  /** Makes due participants claimable. Call it inside a transaction. */
  promote(at: number): void
}

/**
 * Longest wait of a retry: the service obeys a Retry-After of up to an hour. An earlier process wrote a due time
 * further ahead, before the clock was set back.
 */
const maxDeferMs = 3_660_000

export function createDeferred(database: Database.Database): Deferred {
  const times = database.prepare<[], { first: number | null; last: number | null }>(`
    SELECT (SELECT min(due_at) FROM participants WHERE due_at IS NOT NULL) AS first,
      (SELECT max(due_at) FROM participants WHERE due_at IS NOT NULL) AS last`)
  const promote = database.prepare<[number, number]>(
    'UPDATE participants SET due_at = NULL WHERE due_at <= ? OR due_at > ?',
  )
  /** Cached until the next commit, because they are read far more often than they change. */
  let cached: { first: number | null; last: number | null } | undefined
  const dueTimes = () => {
    cached ??= times.get() ?? { first: null, last: null }
    return cached
  }
  return {
    first: () => dueTimes().first ?? undefined,
    isDue: (at) => {
      const { first, last } = dueTimes()
      return first !== null && (first <= at || Number(last) > at + maxDeferMs)
    },
    promote: (at) => {
      promote.run(at, at + maxDeferMs)
    },
    committed: () => {
      cached = undefined
    },
    rolledBack: () => {},
  }
}
