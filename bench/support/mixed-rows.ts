import Database from 'better-sqlite3'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'

const rowsPerTransaction = 100_000

/**
 * Fills an inbox with events of the size of real ones: 94 % settled with a PATCH, 1 % dead letters, 5 % pending, each of a participant of
 * its own, and a known value for every fifth event. They are written by SQL, since writing them through the port takes much longer.
 */
export async function writeMixedRows(file: string, rows: number): Promise<void> {
  await openSqliteInbox({ file, client: 'bench', maxPending: 1, now: Date.now }).close()
  const database = new Database(file)
  try {
    database.pragma('synchronous = OFF')
    database.exec(
      `INSERT INTO decisions VALUES (1, '[["vip by phone number"],["vip_status","support_tier"]]', ${Date.now()})`,
    )
    const numbers = 'WITH RECURSIVE numbers (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)'
    const start = Date.now() - rows
    const ids = `'conversation-' || n AS conversation, 'participant-' || n AS participant, ${start} + n AS at, n % 20 = 0 AS is_pending`
    const source = `(SELECT n, ${ids} FROM numbers)`
    const steps = [
      `${numbers} INSERT INTO events (sequence, identity, participant, priority, accepted_at, state, settled_at, code, event, record)
       SELECT n, 'id:' || lower(hex(randomblob(16))), n, 1, at,
         CASE WHEN is_pending THEN 'pending' WHEN n % 100 = 1 THEN 'dead' ELSE 'applied' END, CASE WHEN NOT is_pending THEN at END,
         CASE WHEN n % 100 = 1 THEN 'forbidden' END,
         json_object('identity', 'id:' || n, 'type', 'conversation:created', 'conversationId', conversation, 'participantId', participant,
           'participant', json('{"purpose":"customer","address":"tel:+13175550100"}'), 'body', hex(randomblob(220))),
         CASE WHEN NOT is_pending THEN n END FROM ${source}`,
      `${numbers} INSERT INTO records SELECT n, n, n, NULL, 1, 1, n, 200, 'correlation-' || n, NULL FROM ${source} WHERE NOT is_pending`,
      `${numbers} INSERT INTO participants (id, conversation_id, participant_id, priority, first_sequence)
       SELECT n, conversation, participant, 1, n FROM ${source} WHERE is_pending`,
      `${numbers} INSERT INTO known_values SELECT n, conversation, participant, 'vip_status', 'true', at, n, at FROM ${source} WHERE n % 5 = 0`,
    ].map((sql) => database.prepare<[number, number]>(sql))
    for (let from = 1; from <= rows; from += rowsPerTransaction)
      for (const step of steps) step.run(from, Math.min(rows, from + rowsPerTransaction - 1))
  } finally {
    database.close()
  }
}
