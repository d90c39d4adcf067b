import type Database from 'better-sqlite3'
import type { Transactional } from './group-commit.ts'

/** Participants that wait for a time, by a clock that never jumps. */
export interface Deferred extends Transactional {
  /** When the first of them is due; undefined: none waits. */
  first(): number | undefined
  /** Whether `promote` has something to do. */
  isDue(at: number): boolean
  /** Makes those claimable that are due; to be run inside a transaction. */
  promote(at: number): void
}

/**
 * No retry waits longer: a Retry-After is obeyed for up to an hour. A time further ahead was written by an earlier
 * process, before the clock was set back.
 */
const maxDeferMs = 3_660_000

export function createDeferred(database: Database.Database): Deferred {
  const times = database.prepare<[], { first: number | null; last: number | null }>(`
    SELECT (SELECT min(due_at) FROM participants WHERE due_at IS NOT NULL) AS first,
      (SELECT max(due_at) FROM participants WHERE due_at IS NOT NULL) AS last`)
  const promote = database.prepare<[number, number]>(
    'UPDATE participants SET due_at = NULL WHERE due_at <= ? OR due_at > ?',
  )
  /** As of the last commit: they are looked at far more often than they change. */
  let read: { first: number | null; last: number | null } | undefined
  const known = () => {
    read ??= times.get() ?? { first: null, last: null }
    return read
  }
  return {
    first: () => known().first ?? undefined,
    isDue: (at) => {
      const { first, last } = known()
      return first !== null && (first <= at || Number(last) > at + maxDeferMs)
    },
    promote: (at) => {
      promote.run(at, at + maxDeferMs)
    },
    committed: () => {
      read = undefined
    },
    rolledBack: () => {},
  }
}
