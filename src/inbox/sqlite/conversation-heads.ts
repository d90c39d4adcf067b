import type Database from 'better-sqlite3'
import type { Transactional } from './group-commit.ts'
import { createHashTable } from './hash-table.ts'
import { createSegmentStore } from './segments.ts'
import { readHash } from './text-hash.ts'

/** An in-memory index from the hash of a conversation to its latest record. Change it only inside a transaction. */
export interface ConversationHeads extends Transactional {
  hash(conversationId: string): number
  /** The id of the latest record with this hash. May be that of a deleted row. */
  latest(hash: number): number | undefined
  /** `id` must be higher than every id before. Returns the latest record before. */
  replace(hash: number, id: number): number | undefined
  /** Higher than every id so far. */
  nextId(): number
  store(): void
  sweep(): void
}

interface HeadsOptions {
  readonly database: Database.Database
  /** For tests. */
  readonly rowsPerSegment?: number
}

/**
 * Like `createHashIndex`, but with one entry per hash: the rows of a conversation are a chain in the file. So the memory grows
 * with the conversations and not with their events, and a conversation with many events does not slow down its next one.
 */
export function createConversationHeads({ database, ...options }: HeadsOptions): ConversationHeads {
  const hash = readHash(database)
  const segments = createSegmentStore({ database, table: 'records', id: 'id', ...options })
  const table = createHashTable()
  segments.read((hashed, id) => {
    const before = table.replace(hashed, id)
    if (before !== undefined && before > id) table.replace(hashed, before)
  })

  let { lastId } = segments
  const rows = database.prepare<[number], { hash: number; id: number }>(
    'SELECT hash, id FROM records WHERE id > ? ORDER BY id',
  )
  for (const row of rows.iterate(lastId)) {
    table.replace(row.hash, row.id)
    segments.add(row.hash, row.id)
    lastId = row.id
  }

  /** Changes of the open transaction. */
  let replaced: { readonly hash: number; readonly id: number; readonly before: number | undefined }[] = []

  return {
    hash,
    latest: (hashed) => table.find(hashed)[0],
    replace: (hashed, id) => {
      const before = table.replace(hashed, id)
      replaced.push({ hash: hashed, id, before })
      lastId = id
      return before
    },
    nextId: () => lastId + 1,
    store: segments.store,
    sweep: segments.sweep,
    committed: () => {
      for (const { hash: hashed, id } of replaced) segments.add(hashed, id)
      segments.committed(table.remove)
      replaced = []
    },
    rolledBack: () => {
      for (const { hash: hashed, id, before } of replaced.toReversed()) {
        if (before === undefined) table.remove(hashed, id)
        else table.replace(hashed, before)
      }
      segments.rolledBack()
      replaced = []
    },
  }
}
