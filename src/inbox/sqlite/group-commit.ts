import type Database from 'better-sqlite3'

/** What is kept in memory of the database, and has to follow how a transaction ends. */
export interface Transactional {
  committed(): void
  rolledBack(): void
}

export interface GroupCommit {
  /**
   * Runs the write in the next commit and resolves with its result when that commit is on the disk. Writes
   * run in the order they were given. When the commit fails, all writes in it are undone and rejected.
   */
  write<Result>(run: () => Result): Promise<Result>
  /**
   * Runs a read of what is committed. All reads between two commits share a transaction, since to open one takes longer
   * than most reads do.
   */
  read<Result>(run: () => Result): Result
  /** Runs what must not be inside a transaction. */
  outside<Result>(run: () => Result): Result
  /** Why the last commit failed; undefined after one that succeeded. */
  lastError(): unknown
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

interface Waiting {
  run(): () => void
  fail(error: unknown): void
}

/** When all has been read that lay in the sockets: a turn of the event loop reads what its first part made known. */
const afterNextTurn = (run: () => void) => setImmediate(() => setImmediate(run))

/**
 * One fsync for all writes that arrive while the previous commit runs. The commit is synchronous: what arrives meanwhile is
 * read from the sockets afterwards, and makes up the next one.
 */
export function createGroupCommit(
  database: Database.Database,
  followers: readonly Transactional[],
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
            afterNextTurn(() => {
              try {
                flush()
              } finally {
                done()
              }
            })
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
