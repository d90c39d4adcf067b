import { closeSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { systemCodeOf } from '../../errors.ts'
import { InboxOpenError } from '../inbox.ts'
import { migrations } from './migrations.ts'

export interface OpenDatabase {
  readonly database: Database.Database
  /** Without symbolic links. */
  readonly file: string
  close(): void
}

/**
 * Opens or creates the file for exclusive use. A second process gets an error, because leases exist only in this
 * process's memory. With WAL and `synchronous = FULL`, a completed commit survives a power cut.
 */
export function openDatabase(path: string): OpenDatabase {
  let file = path
  const opened: Database.Database[] = []
  function open(name: string): Database.Database {
    const connection = new Database(name)
    opened.push(connection)
    return connection
  }
  function close(): void {
    for (const connection of opened.toReversed()) connection.close()
  }
  try {
    mkdirSync(dirname(path), { recursive: true })
    createPrivate(path)
    file = realpathSync(path) // so that all links to the file share one lock
    opened.push(takeLock(file))
    const database = open(file)
    database.pragma('auto_vacuum = INCREMENTAL') // takes effect only before the first table exists
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('temp_store = MEMORY') // the file's folder may be the only writable one
    migrate(database, file)
    return { database, file, close }
  } catch (error) {
    close()
    throw toInboxOpenError(error, file)
  }
}

/** `inspect.ts` reads the lock file, which delays the lock of a start at the same moment by microseconds. */
const lockTimeoutMs = 200

export const lockFileOf = (file: string): string => `${file}.lock`

/**
 * Takes a lock that the operating system releases when the process ends, even after kill -9. It lasts until the returned connection is
 * closed. Throws `InboxOpenError` if another process has it. `file`: without symbolic links.
 */
export function takeLock(file: string): Database.Database {
  createPrivate(lockFileOf(file))
  const owner = new Database(lockFileOf(file), { timeout: lockTimeoutMs })
  try {
    owner.pragma('journal_mode = DELETE')
    owner.exec('BEGIN EXCLUSIVE')
    return owner
  } catch (error) {
    owner.close()
    if (!systemCodeOf(error, '').startsWith('SQLITE_BUSY')) throw error
    throw new InboxOpenError(
      `The inbox ${file} is in use by another process: stop that process, or set another STORE_URL for this one`,
    )
  }
}

/** A new file contains customer data, so only its owner can read it. SQLite gives the -wal file the same mode. */
const createPrivate = (path: string): void => closeSync(openSync(path, 'a', 0o600))

function migrate(database: Database.Database, file: string): void {
  const version = database.pragma('user_version', { simple: true })
  if (typeof version !== 'number')
    throw new InboxOpenError(`The inbox ${file} has an unreadable schema version`)
  if (version > migrations.length) {
    throw new InboxOpenError(
      `The inbox ${file} was written by a newer version (schema ${version}, this version supports ${migrations.length}): run that version, or set another STORE_URL`,
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

/** Larger files skip the integrity check, which would delay the start by seconds. */
const fullCheckBytes = 64 * 1024 * 1024

const sizeOf = (database: Database.Database): number =>
  Number(database.pragma('page_count', { simple: true })) *
  Number(database.pragma('page_size', { simple: true }))

export const corrupt = (file: string, reason: string): InboxOpenError =>
  new InboxOpenError(
    `The inbox ${file} is damaged or not an SQLite database (${reason}): restore it from a backup, or move it away and start with an empty inbox`,
  )

/** Converts an error of SQLite or the file system, with the file and the remedy in its message. */
export function toInboxOpenError(error: unknown, file: string): Error {
  if (error instanceof InboxOpenError) return error
  const code = systemCodeOf(error, '')
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) return corrupt(file, code)
  const reason = error instanceof Error ? error.message : String(error)
  return new InboxOpenError(
    `The inbox ${file} cannot be opened (${reason.startsWith(code) ? reason : `${code}: ${reason}`}): check the path, its permissions and the free disk space`,
  )
}
