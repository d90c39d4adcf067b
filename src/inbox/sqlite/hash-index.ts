import type Database from 'better-sqlite3'
import type { Transactional } from './group-commit.ts'
import { createHashTable } from './hash-table.ts'
import { bytesPerEntry, createSegment, readSegments, type Segment, type StoredSegment } from './segment.ts'

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
  /** Removes stored parts, and their ids, of which no row is left. Looks at a few parts each time. */
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

/** The ids of a stored segment. */
interface Range {
  readonly firstId: number
  readonly lastId: number
}

/** A segment takes 64 KiB. To store one and to remove its ids take a few ms each, and so long nothing else runs. */
const rowsPerSegmentByDefault = 8_192

/** Bounds the memory that a start takes for a moment: 32 MiB. */
const segmentsPerRead = 512

/** Each sweep looks at the next few: 20,000,000 rows have 2,400 segments. */
const segmentsPerSweep = 8

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
  rowsPerSegment = rowsPerSegmentByDefault,
}: HashIndexOptions): HashIndex {
  const insert = database.prepare<[string, number, number, Buffer]>(
    'INSERT INTO index_segments VALUES (?, ?, ?, ?)',
  )
  const erase = database
    .prepare<[string, number], Buffer<ArrayBuffer>>(
      'DELETE FROM index_segments WHERE table_name = ? AND last_id = ? RETURNING entries',
    )
    .pluck()
  const anyLeft = database
    .prepare<[number, number], number>(
      `SELECT EXISTS (SELECT 1 FROM ${tableName} WHERE ${idColumn} BETWEEN ? AND ?)`,
    )
    .pluck()
  const hash = createHash(Number(database.prepare('SELECT seed FROM hash_seed').pluck().get()))

  const stored = database
    .prepare<[string], Range & { bytes: number }>(
      `SELECT first_id AS firstId, last_id AS lastId, length(entries) AS bytes
       FROM index_segments WHERE table_name = ? ORDER BY last_id`,
    )
    .all(tableName)
  const table = createHashTable(stored.reduce((rows, { bytes }) => rows + bytes / bytesPerEntry, 0))
  const segments = database.prepare<[string, number, number], StoredSegment>(
    `SELECT first_id AS firstId, entries FROM index_segments
     WHERE table_name = ? AND last_id BETWEEN ? AND ?`,
  )
  for (let from = 0; from < stored.length; from += segmentsPerRead) {
    const some = stored.slice(from, from + segmentsPerRead)
    readSegments(segments.all(tableName, some.at(0)?.lastId ?? 0, some.at(-1)?.lastId ?? 0), table.add)
  }
  let lastId = stored.at(-1)?.lastId ?? 0

  /** In the order in which the next sweeps look at them. */
  let ranges: Range[] = stored
  /** Committed rows that are in no stored segment. All of these but the last are full. */
  const unstored: Segment[] = []
  function keep(hashed: number, id: number): void {
    let last = unstored.at(-1)
    if (!last?.takes(id)) {
      last = createSegment(rowsPerSegment, id)
      unstored.push(last)
    }
    last.add(hashed, id)
  }
  const rows = database.prepare<[number], { text: string; id: number }>(
    `SELECT ${textOf} AS text, ${idColumn} AS id FROM ${tableName} WHERE ${idColumn} > ? ORDER BY ${idColumn}`,
  )
  for (const { text, id } of rows.iterate(lastId)) {
    table.add(hash(text), id)
    keep(hash(text), id)
    lastId = id
  }

  // Of the transaction that is open.
  let added: [hashed: number, id: number][] = []
  let removed: [hashed: number, id: number][] = []
  let swept: { range: Range; entries: Buffer<ArrayBuffer> }[] = []
  let storing: Segment | undefined

  function end(): void {
    added = []
    removed = []
    swept = []
    storing = undefined
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
    store: () => {
      const [full, following] = unstored
      if (full === undefined || following === undefined || storing !== undefined) return
      insert.run(tableName, full.firstId, full.lastId, full.entries())
      storing = full
    },
    sweep: () => {
      const looked = ranges.slice(0, segmentsPerSweep)
      const kept = looked.filter(({ firstId, lastId }) => anyLeft.get(firstId, lastId) === 1)
      for (const range of looked) {
        const entries = kept.includes(range) ? undefined : erase.get(tableName, range.lastId)
        if (entries !== undefined) swept.push({ range, entries })
      }
      ranges = [...ranges.slice(segmentsPerSweep), ...kept]
    },
    committed: () => {
      for (const [hashed, id] of added) keep(hashed, id)
      for (const [hashed, id] of removed) table.remove(hashed, id)
      readSegments(
        swept.map(({ range: { firstId }, entries }) => ({ firstId, entries })),
        table.remove,
      )
      if (storing !== undefined) {
        unstored.shift()
        ranges.push({ firstId: storing.firstId, lastId: storing.lastId })
      }
      end()
    },
    rolledBack: () => {
      for (const [hashed, id] of added) table.remove(hashed, id)
      ranges.push(...swept.map(({ range }) => range))
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
