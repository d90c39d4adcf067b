import type Database from 'better-sqlite3'
import type { Transactional } from './group-commit.ts'

export interface Counters extends Transactional {
  readonly pending: number
  readonly dead: number
  add(change: { pending?: number; dead?: number }): void
}

/**
 * Counts pending and dead events in memory, so that no query has to. Changes of a transaction
 * are visible at once; a rollback reverts them.
 */
export function createCounters(database: Database.Database): Counters {
  const count = (state: string): number =>
    Number(database.prepare(`SELECT count(*) FROM events WHERE state = '${state}'`).pluck().get())
  let durable = { pending: count('pending'), dead: count('dead') }
  let current = { ...durable }
  return {
    get pending() {
      return current.pending
    },
    get dead() {
      return current.dead
    },
    add: ({ pending = 0, dead = 0 }) => {
      current = { pending: current.pending + pending, dead: current.dead + dead }
    },
    committed: () => {
      durable = { ...current }
    },
    rolledBack: () => {
      current = { ...durable }
    },
  }
}
