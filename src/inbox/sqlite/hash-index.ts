import type { Transactional } from './group-commit.ts'
import { createHashTable } from './hash-table.ts'
import { createSegmentStore, type SegmentStoreOptions } from './segments.ts'
import { readHash } from './text-hash.ts'

/** An in-memory index from a text to the ids of rows. Change it only inside a transaction. */
export interface HashIndex extends Transactional {
  /** The ids of the rows with this text. May include deleted rows and rows with another text, so read the row and compare. */
  candidates(text: string): readonly number[]
  /** `id` must be higher than every id before. */
  add(text: string, id: number): void
  /** Removes a deleted row's id. Optional: `sweep` removes it later. */
  remove(text: string, id: number): void
  /** Higher than every id so far. */
  nextId(): number
  /** Stores a full segment for the next start, if any. */
  store(): void
  /** Removes stored segments whose rows are all deleted, and their ids. */
  sweep(): void
}

interface HashIndexOptions extends SegmentStoreOptions {
  /** SQL expression of a row's text. */
  readonly text: string
}

/**
 * The index is a hash table from the hash of a row's text to the row's id. Texts arrive in random order, so an index in the file would change
 * one page per row: a commit of a few dozen rows would write, and soon read, as many pages.
 *
 * For the next start, the file stores the entries in segments, in id order. A segment is written once, when it is full; a start reads newer
 * rows from the table. A segment is deleted when all its rows are deleted.
 */
export function createHashIndex({ text: textOf, ...options }: HashIndexOptions): HashIndex {
  const { database, table: tableName, id: idColumn } = options
  const hash = readHash(database)
  const segments = createSegmentStore(options)
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

  // Changes of the open transaction.
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
