import { closeSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { InboxOpenError } from '../inbox.ts'
import { migrations } from './migrations.ts'

export interface OpenDatabase {
  readonly database: Database.Database
  close(): void
}

/**
 * Opens or makes the file, alone: a second process on the same file is refused, since leases live in this
 * process's memory. WAL with `synchronous = FULL`: a commit that returned survives a power cut.
 */
export function openDatabase(path: string): OpenDatabase {
  const file = make(path)
  const owner = takeOwnership(file)
  try {
    const database = new Database(file)
    try {
      database.pragma('auto_vacuum = INCREMENTAL') // takes effect only before the first table exists
      database.pragma('journal_mode = WAL')
      database.pragma('synchronous = FULL')
      database.pragma('temp_store = MEMORY') // the file's folder may be the only one that can be written
      migrate(database, file)
    } catch (error) {
      database.close()
      throw error
    }
    return {
      database,
      close: () => {
        database.close()
        owner.close()
      },
    }
  } catch (error) {
    owner.close()
    throw explain(error, file)
  }
}

/** The file's real path, so that two names of it have one lock. */
function make(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true })
    ownerOnly(path)
    return realpathSync(path)
  } catch (error) {
    throw explain(error, path)
  }
}

/** A lock that the operating system gives back however the process dies. */
function takeOwnership(file: string): Database.Database {
  const lockFile = `${file}.lock`
  try {
    ownerOnly(lockFile)
    const owner = new Database(lockFile, { timeout: 0 })
    try {
      owner.pragma('journal_mode = DELETE')
      owner.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      owner.close()
      throw error
    }
    return owner
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_BUSY')) {
      throw new InboxOpenError(
        `The inbox ${file} is in use by another process: stop that one, or give this one its own STORE_URL`,
      )
    }
    throw explain(error, file)
  }
}

/** Events and values are customers' data: a file that is new is nobody else's to read. SQLite's -wal file follows it. */
const ownerOnly = (path: string): void => closeSync(openSync(path, 'a', 0o600))

function migrate(database: Database.Database, file: string): void {
  const version = database.pragma('user_version', { simple: true })
  if (typeof version !== 'number')
    throw new InboxOpenError(`The inbox ${file} has no readable schema version`)
  if (version > migrations.length) {
    throw new InboxOpenError(
      `The inbox ${file} was written by a newer version (schema ${version}, this one knows ${migrations.length}): run that version, or give this one another STORE_URL`,
    )
  }
  if (sizeOf(database) <= fullCheckBytes) {
    const check = database.pragma('quick_check(1)', { simple: true })
    if (check !== 'ok') throw corrupt(file, String(check))
  }
  for (const [from, step] of migrations.entries()) {
    if (from < version) continue
    database.transaction(() => {
      database.exec(step)
      database.pragma(`user_version = ${from + 1}`)
    })()
  }
}

/** Up to this size the whole file is checked at start; a larger one would delay the start by seconds. */
const fullCheckBytes = 64 * 1024 * 1024

const sizeOf = (database: Database.Database): number =>
  Number(database.pragma('page_count', { simple: true })) *
  Number(database.pragma('page_size', { simple: true }))

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

const corrupt = (file: string, reason: string): InboxOpenError =>
  new InboxOpenError(
    `The inbox ${file} is damaged or no SQLite database (${reason}): restore it from a backup, or move it aside and start with an empty one`,
  )

/** What to tell the person who starts the service. */
export function explain(error: unknown, file: string): Error {
  if (error instanceof InboxOpenError) return error
  const code = codeOf(error)
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) return corrupt(file, code)
  const reason = error instanceof Error ? error.message : String(error)
  return new InboxOpenError(
    `The inbox ${file} cannot be opened (${reason.startsWith(code) ? reason : `${code}: ${reason}`}): check the path, its permissions and the free space`,
  )
}
