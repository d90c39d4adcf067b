import type Database from 'better-sqlite3'
import type { DeadLetter, DeadLetterQuery } from '../inbox.ts'

interface DeadRow {
  sequence: number
  identity: string
  code: string
  detail: string | null
  accepted_at: number
  settled_at: number
  event: string
}

export function createDeadLetters(database: Database.Database) {
  const page = database.prepare<[number, string | null, number], DeadRow>(`
    SELECT sequence, identity, code, detail, accepted_at, settled_at, event FROM events
    WHERE state = 'dead' AND sequence > ? AND code = ifnull(?, code) ORDER BY sequence LIMIT ?`)
  return ({ code, limit, after = 0 }: DeadLetterQuery): DeadLetter[] =>
    page.all(after, code ?? null, limit).map((row) => ({
      sequence: row.sequence,
      identity: row.identity,
      code: row.code,
      detail: row.detail ?? undefined,
      acceptedAt: row.accepted_at,
      diedAt: row.settled_at,
      event: JSON.parse(row.event),
    }))
}
