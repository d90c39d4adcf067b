import type Database from 'better-sqlite3'
import { createHashIndex, type HashIndex } from './hash-index.ts'

/** Recognises stored events by their identity. Call it inside a transaction. */
export interface Identities {
  readonly index: HashIndex
  has(identity: string): boolean
}

export function createIdentities(database: Database.Database): Identities {
  const index = createHashIndex({ database, table: 'events', id: 'sequence', text: 'identity' })
  const get = database.prepare<[number], string>('SELECT identity FROM events WHERE sequence = ?').pluck()
  return {
    index,
    has: (identity) => index.candidates(identity).some((sequence) => get.get(sequence) === identity),
  }
}
