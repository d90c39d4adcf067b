import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { systemCodeOf } from '../../errors.ts'
import type { InboxInspection } from '../inbox.ts'
import { migrations } from './migrations.ts'
import { corrupt, lockFileOf, toInboxOpenError } from './open.ts'

/** Looks at an inbox file that a service may be using. Creates, changes and locks nothing. Throws `InboxOpenError`. */
export function inspectSqliteInbox(path: string): InboxInspection {
  try {
    const file = realpathSync(path) // as `openDatabase` does, to find the lock
    const files = [file, `${file}-wal`, `${file}-shm`, lockFileOf(file)].filter((name) => existsSync(name))
    return {
      kind: 'present',
      files,
      schema: schemaOf(file),
      supportedSchema: migrations.length,
      inUse: isLocked(file),
    }
  } catch (error) {
    if (systemCodeOf(error, '') === 'ENOENT') return { kind: 'absent', file: path }
    throw toInboxOpenError(error, path)
  }
}

/**
 * SQLite must read a file with a write-ahead log, because the log may contain the header. It would create a log beside a
 * file without one, so the header of such a file is read here.
 */
function schemaOf(file: string): number {
  return sizeOf(`${file}-wal`) > 0
    ? reading(file, (database) => Number(database.pragma('user_version', { simple: true })))
    : headerVersion(file)
}

const sizeOf = (name: string): number => statSync(name, { throwIfNoEntry: false })?.size ?? 0

/** The header of an SQLite file: 16 bytes of magic text, and `user_version` at byte 60 (sqlite.org/fileformat.html). */
function headerVersion(file: string): number {
  const header = Buffer.alloc(64)
  const descriptor = openSync(file, 'r')
  try {
    const length = readSync(descriptor, header)
    if (length === 0) return 0 // an empty file, which the next start fills
    if (length < header.length || header.toString('latin1', 0, 16) !== 'SQLite format 3\0')
      throw corrupt(file, 'no SQLite header')
    return header.readUInt32BE(60)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Whether a service holds the exclusive lock. A read needs a shared lock for microseconds; a start waits for it (see
 * `lockTimeoutMs`).
 */
function isLocked(file: string): boolean {
  if (!existsSync(lockFileOf(file))) return false
  try {
    reading(lockFileOf(file), (database) => database.prepare('SELECT count(*) FROM sqlite_schema').get())
    return false
  } catch (error) {
    if (systemCodeOf(error, '').startsWith('SQLITE_BUSY')) return true
    throw error
  }
}

function reading<Value>(file: string, read: (database: Database.Database) => Value): Value {
  const database = new Database(file, { readonly: true, fileMustExist: true, timeout: 0 })
  try {
    return read(database)
  } finally {
    database.close()
  }
}
