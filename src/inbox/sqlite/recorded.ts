import Database from 'better-sqlite3'
import { InboxOpenError, type RecordedEvent, type RecordedQuery } from '../inbox.ts'
import { migrations } from './migrations.ts'
import { toInboxOpenError } from './open.ts'

/** Limits the memory: one event can have up to MAX_BODY_BYTES. */
const pageSize = 100

/**
 * Reads the events of an inbox, newest first. It takes no lock and changes nothing, so a service may use the inbox
 * meanwhile. No transaction stays open between pages: it would prevent the service from truncating its WAL. Throws
 * `InboxOpenError` if the file is not an inbox.
 */
export function* readRecorded(file: string, { limit, since = 0 }: RecordedQuery): Generator<RecordedEvent> {
  const database = open(file)
  try {
    const page = database.prepare<
      [number, number, number],
      Omit<RecordedEvent, 'event'> & { event: string }
    >(`
      SELECT sequence, accepted_at AS acceptedAt, event FROM events
      WHERE sequence < ? AND accepted_at >= ? ORDER BY sequence DESC LIMIT ?`)
    let before = Number.MAX_SAFE_INTEGER
    for (let left = limit; left > 0; ) {
      const size = Math.min(left, pageSize)
      const rows = page.all(before, since, size)
      for (const row of rows) yield { ...row, event: JSON.parse(row.event) }
      const last = rows.at(-1)
      if (last === undefined || rows.length < size) return
      before = last.sequence
      left -= rows.length
    }
  } catch (error) {
    throw toInboxOpenError(error, file)
  } finally {
    database.close()
  }
}

/** The number of events that `readRecorded` would read now. Throws `InboxOpenError`. */
export function countRecorded(file: string, { limit, since = 0 }: RecordedQuery): number {
  const database = open(file)
  try {
    const counted = database
      .prepare<[number, number], number>(
        'SELECT count(*) FROM (SELECT 1 FROM events WHERE accepted_at >= ? ORDER BY sequence DESC LIMIT ?)',
      )
      .pluck()
    return counted.get(since, limit) ?? 0
  } catch (error) {
    throw toInboxOpenError(error, file)
  } finally {
    database.close()
  }
}

function open(file: string): Database.Database {
  let database: Database.Database | undefined
  try {
    database = new Database(file, { readonly: true, fileMustExist: true })
    const version = Number(database.pragma('user_version', { simple: true }))
    const tables = database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'events'").pluck().get()
    if (version === 0 || version > migrations.length || tables !== 1)
      throw new InboxOpenError(`${file} is not an inbox of this version: check STORE_URL`)
    return database
  } catch (error) {
    database?.close()
    throw toInboxOpenError(error, file)
  }
}
