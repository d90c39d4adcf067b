import type Database from 'better-sqlite3'
import type { Transactional } from './group-commit.ts'
import { createHashTable } from './hash-table.ts'
import { createSegmentStore } from './segment-store.ts'

/** Finds rows by a text, without a page of the file for each text. Change it inside a transaction only. */
export interface HashIndex extends Transactional {
  /** The ids of the rows that have this text. Ids of deleted rows and of rows with another text may be among them: read the row and compare. */
  candidates(text: string): readonly number[]
  /** Ids only rise. */
  add(text: string, id: number): void
  /** Removes a deleted row's id. Optional: `sweep` removes ids too, later. */
  remove(text: string, id: number): void
  /** Higher than any id there was. */
  nextId(): number
  /** Stores a part of the index for the next start, if enough rows have come together. */
  store(): void
  /** Removes stored parts of which no row is left, and their ids. */
  sweep(): void
}

export interface HashIndexOptions {
  readonly database: Database.Database
  readonly table: 'events' | 'participants' | 'known_values'
  /** The column that is the key of the table, an integer. */
  readonly id: string
  /** An expression over a row. */
  readonly text: string
  /** For tests. */
  readonly rowsPerSegment?: number
}

/**
 * An index in memory: a hash table from the hash of a row's text to the row's id. Texts come in any order. An index of them in the file would
 * change a page for each row, so that a commit of a few dozen rows would write, and soon read, as many pages.
 *
 * For the next start, the file gets the entries in segments, in the order of the ids. Each is written once, when it is full; rows with
 * higher ids than the last segment's are read from the table. A segment is deleted when no row of its ids is left.
 */
export function createHashIndex({
  database,
  table: tableName,
  id: idColumn,
  text: textOf,
  rowsPerSegment,
}: HashIndexOptions): HashIndex {
  const hash = createHash(Number(database.prepare('SELECT seed FROM hash_seed').pluck().get()))
  const segments = createSegmentStore({ database, table: tableName, id: idColumn, rowsPerSegment })
  const table = createHashTable(segments.entries)
  segments.read(table.add)

  let { lastId } = segments
  const rows = database.prepare<[number], { text: string; id: number }>(
    `SELECT ${textOf} AS text, ${idColumn} AS id FROM ${tableName} WHERE ${idColumn} > ? ORDER BY ${idColumn}`,
  )
  for (const { text, id } of rows.iterate(lastId)) {
    const hashed = hash(text)
    table.add(hashed, id)
    segments.add(hashed, id)
    lastId = id
  }

  // Of the open transaction.
  let added: [hashed: number, id: number][] = []
  let removed: [hashed: number, id: number][] = []

  function end(): void {
    added = []
    removed = []
  }

  return {
    candidates: (text) => table.find(hash(text)),
    add: (text, id) => {
      const hashed = hash(text)
      table.add(hashed, id)
      added.push([hashed, id])
      lastId = id
    },
    remove: (text, id) => {
      removed.push([hash(text), id])
    },
    nextId: () => lastId + 1,
    store: segments.store,
    sweep: segments.sweep,
    committed: () => {
      for (const [hashed, id] of added) segments.add(hashed, id)
      for (const [hashed, id] of removed) table.remove(hashed, id)
      segments.committed(table.remove)
      end()
    },
    rolledBack: () => {
      for (const [hashed, id] of added) table.remove(hashed, id)
      segments.rolledBack()
      end()
    },
  }
}

/** FNV-1a, finished as MurmurHash3 does, 32 bits. The seed is a file's own, so that nobody can send texts that have one hash. */
const createHash =
  (seed: number) =>
  (text: string): number => {
    let hash = (seed ^ 0x811c9dc5) | 0
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) >>> 0
  }
