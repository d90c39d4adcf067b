import type Database from 'better-sqlite3'
import type { Transactional } from './group-commit.ts'
import { createSegment, openSegment, type Segment } from './segment.ts'

/** Finds rows by a text, without a page of the file for each text. To be changed inside a transaction only. */
export interface HashIndex extends Transactional {
  /**
   * The ids of the rows that have this text. Among them may be rows that are gone, and rows with another text: whoever asks reads the row,
   * and compares.
   */
  candidates(text: string): readonly number[]
  /** Ids only rise. */
  add(text: string, id: number): void
  /** Spares `candidates` a row that is gone. Need not be told of every one. */
  remove(text: string, id: number): void
  /** Higher than any id there was. */
  nextId(): number
  /** Stores what has to be read after a restart, if enough has come together. */
  store(): void
  /** Forgets where no row is left. */
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

interface StoredSegment {
  first_id: number
  last_id: number
  slots: Buffer<ArrayBuffer>
}

/** A segment takes 256 KiB, and is stored about every 24,000 rows; as many are read from the table after a restart. */
const rowsPerSegmentByDefault = 24_576

/**
 * An index in memory, of about 11 bytes for each row: the hash of its text, and its id. Texts that come in any order belong on pages all over
 * an index in the file, so that a commit of a few dozen rows would write, and soon read, a page for each of them.
 *
 * It is made of segments, in the order of the ids. Rows are added to the last one only; the others are stored as they are, and after a restart
 * rows with higher ids are read from the table. A segment goes when no row of its ids is left.
 */
export function createHashIndex({
  database,
  table,
  id: idColumn,
  text: textOf,
  rowsPerSegment = rowsPerSegmentByDefault,
}: HashIndexOptions): HashIndex {
  const insert = database.prepare<[string, number, number, Buffer]>(
    'INSERT INTO index_segments VALUES (?, ?, ?, ?)',
  )
  const erase = database.prepare<[string, number]>(
    'DELETE FROM index_segments WHERE table_name = ? AND last_id = ?',
  )
  const anyLeft = database
    .prepare<[number, number], number>(
      `SELECT EXISTS (SELECT 1 FROM ${table} WHERE ${idColumn} BETWEEN ? AND ?)`,
    )
    .pluck()
  const hash = createHash(Number(database.prepare('SELECT seed FROM hash_seed').pluck().get()))

  const stored = database
    .prepare<[string], StoredSegment>(
      'SELECT first_id, last_id, slots FROM index_segments WHERE table_name = ? ORDER BY last_id',
    )
    .all(table)
    .map(({ first_id: firstId, last_id: lastId, slots }) => openSegment(firstId, lastId, slots))
  /** Of rows that are committed, in the order of their ids. */
  let segments: readonly Segment[] = stored
  let storedUpTo = stored.at(-1)?.lastId ?? 0
  let lastId = storedUpTo

  function append(hashed: number, id: number): void {
    let last = segments.at(-1)
    if (!last?.takes(id)) {
      last = createSegment(rowsPerSegment, id)
      segments = [...segments, last]
    }
    last.add(hashed, id)
    lastId = id
  }
  const rows = database.prepare<[number], { text: string; id: number }>(
    `SELECT ${textOf} AS text, ${idColumn} AS id FROM ${table} WHERE ${idColumn} > ? ORDER BY ${idColumn}`,
  )
  for (const { text, id } of rows.iterate(storedUpTo)) append(hash(text), id)

  // Of the transaction that is open.
  let added = new Map<number, number[]>()
  let removed: [hashed: number, id: number][] = []
  let swept = new Set<Segment>()
  let storing = storedUpTo

  function end(): void {
    added = new Map()
    removed = []
    swept = new Set()
  }

  return {
    candidates: (text) => {
      const hashed = hash(text)
      const found = [...(added.get(hashed) ?? [])]
      for (const segment of segments) segment.find(hashed, found)
      return found
    },
    add: (text, id) => {
      const hashed = hash(text)
      const others = added.get(hashed)
      if (others === undefined) added.set(hashed, [id])
      else others.push(id)
      lastId = id
    },
    remove: (text, id) => {
      removed.push([hash(text), id])
    },
    nextId: () => lastId + 1,
    store: () => {
      if ((segments.at(-2)?.lastId ?? 0) <= storing) return // as nearly always
      for (const segment of segments.slice(0, -1)) {
        if (segment.lastId <= storing) continue
        insert.run(table, segment.firstId, segment.lastId, segment.slots)
        storing = segment.lastId
      }
    },
    sweep: () => {
      for (const segment of segments) {
        if (segment.lastId > storing || anyLeft.get(segment.firstId, segment.lastId) === 1) continue
        erase.run(table, segment.lastId)
        swept.add(segment)
      }
    },
    committed: () => {
      const inOrder = [...added].flatMap(([hashed, ids]) => ids.map((id) => [hashed, id] as const))
      for (const [hashed, id] of inOrder.sort(([, a], [, b]) => a - b)) append(hashed, id)
      for (const [hashed, id] of removed) segments.find(({ lastId }) => id <= lastId)?.remove(hashed, id)
      if (swept.size > 0) segments = segments.filter((segment) => !swept.has(segment))
      storedUpTo = storing
      end()
    },
    rolledBack: () => {
      storing = storedUpTo
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
