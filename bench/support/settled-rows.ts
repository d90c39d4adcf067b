import Database from 'better-sqlite3'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'

const rowsPerTransaction = 500_000

/**
 * Fills an inbox with settled events. They are written by SQL, with random ids and without bodies: 20,000,000 of them through the port take
 * hours and 28 GB. Then the inbox indexes them itself, as after a migration, and stores the index.
 */
export async function writeSettledRows(file: string, rows: number): Promise<void> {
  const open = () => openSqliteInbox({ file, maxPending: 1, now: Date.now })
  await open().close()
  const database = new Database(file)
  try {
    database.pragma('synchronous = OFF')
    const insert = database.prepare<[number, number, number, number]>(`
      WITH RECURSIVE numbers (number) AS (SELECT ? UNION ALL SELECT number + 1 FROM numbers WHERE number < ?)
      INSERT INTO events (sequence, identity, participant, priority, accepted_at, state, settled_at, event)
      SELECT number, 'id:' || lower(hex(randomblob(16))), number, 1, ?, 'applied', ?, '{}' FROM numbers`)
    const at = Date.now()
    for (let from = 1; from <= rows; from += rowsPerTransaction)
      insert.run(from, Math.min(rows, from + rowsPerTransaction - 1), at, at)
    const inbox = open()
    try {
      const segments = database.prepare<[], number>('SELECT count(*) FROM index_segments').pluck()
      for (let before = -1; before !== segments.get(); await inbox.append([])) before = segments.get() ?? 0
    } finally {
      await inbox.close()
    }
  } finally {
    database.close()
  }
}
