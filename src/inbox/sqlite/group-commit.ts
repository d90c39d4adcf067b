import type Database from 'better-sqlite3'
import { afterGathering, type GatherOptions } from '../gathering.ts'

/** In-memory state that follows the database: it is called after each commit and each rollback. */
export interface Transactional {
  committed(): void
  rolledBack(): void
}

export interface GroupCommit {
  /**
   * Runs the write in the next commit and resolves with its result when that commit is on disk. Writes
   * run in call order. When a commit fails, all its writes are rolled back and rejected.
   */
  write<Result>(run: () => Result): Promise<Result>
  /**
   * Runs a read of committed data. All reads between two commits share a transaction, because opening one takes longer
   * than most reads.
   */
  read<Result>(run: () => Result): Result
  /** Runs a statement that must not be inside a transaction. */
  outside<Result>(run: () => Result): Result
  /** The error of the last commit; undefined if it succeeded. */
  lastError(): unknown
  /** Resolves when no write is queued. */
  idle(): Promise<void>
}

interface Waiting {
  run(): () => void
  fail(error: unknown): void
}

/**
 * Groups writes so that they share one fsync. A commit blocks the event loop; the writes that arrive meanwhile form the
 * next group.
 */
export function createGroupCommit(
  database: Database.Database,
  followers: readonly Transactional[],
  gather: GatherOptions,
): GroupCommit {
  let waiting: Waiting[] = []
  let lastError: unknown
  let idle: Promise<void> = Promise.resolve()
  const beginRead = database.prepare('BEGIN DEFERRED')
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rollback = database.prepare('ROLLBACK')

  function endRead(): void {
    if (database.inTransaction) commit.run()
  }

  function flush(): void {
    const group = waiting
    waiting = []
    try {
      endRead()
      begin.run()
      const fulfil = group.map((write) => write.run())
      commit.run()
      lastError = undefined
      for (const follower of followers) follower.committed()
      for (const resolve of fulfil) resolve()
    } catch (error) {
      lastError = error
      try {
        if (database.inTransaction) rollback.run()
      } finally {
        for (const follower of followers) follower.rolledBack()
        for (const write of group) write.fail(error)
      }
    }
  }

  return {
    write: <Result>(run: () => Result) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({
          run: () => {
            const result = run()
            return () => resolve(result)
          },
          fail: reject,
        })
        if (waiting.length === 1) {
          idle = new Promise((done) => {
            afterGathering(() => {
              try {
                flush()
              } finally {
                done()
              }
            }, gather)
          })
        }
      }),
    read: (run) => {
      if (!database.inTransaction) beginRead.run()
      return run()
    },
    outside: (run) => {
      endRead()
      return run()
    },
    lastError: () => lastError,
    idle: () => idle,
  }
}
