import type Database from 'better-sqlite3'

export interface GroupCommit {
  /**
   * Runs the write in the next commit and resolves with its result when that commit is on the disk. Writes
   * run in the order they were given. When the commit fails, all writes in it are undone and rejected.
   */
  write<Result>(run: () => Result): Promise<Result>
  /** Why the last commit failed; undefined after one that succeeded. */
  lastError(): unknown
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

interface Waiting {
  run(): () => void
  fail(error: unknown): void
}

/**
 * One fsync for all writes that arrive while the previous commit runs. The commit is synchronous, so what
 * arrives meanwhile is read from the sockets in the next turn of the event loop, before its setImmediate.
 */
export function createGroupCommit(
  database: Database.Database,
  events: { committed(): void; rolledBack(): void },
): GroupCommit {
  let waiting: Waiting[] = []
  let lastError: unknown
  let idle: Promise<void> = Promise.resolve()
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rollback = database.prepare('ROLLBACK')

  function flush(): void {
    const group = waiting
    waiting = []
    try {
      begin.run()
      const fulfil = group.map((write) => write.run())
      commit.run()
      lastError = undefined
      events.committed()
      for (const resolve of fulfil) resolve()
    } catch (error) {
      lastError = error
      try {
        if (database.inTransaction) rollback.run()
      } finally {
        events.rolledBack()
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
            setImmediate(() => {
              try {
                flush()
              } finally {
                done()
              }
            })
          })
        }
      }),
    lastError: () => lastError,
    idle: () => idle,
  }
}
