import type Database from 'better-sqlite3'
import { bytesPerEntry, createSegment, readSegments, type Segment, type StoredSegment } from './segment.ts'

/** The segments of one index, in the file and not stored yet. */
export interface SegmentStore {
  /** Number of entries in the file. */
  readonly entries: number
  /** The segments in the file cover every row up to this id. */
  readonly lastId: number
  /** Calls `use` with every entry in the file. */
  read(use: (hash: number, id: number) => void): void
  /** Adds a committed row that no segment has yet. */
  add(hash: number, id: number): void
  /** Stores the oldest full segment, if any. At most one per transaction. */
  store(): void
  /** Deletes segments whose rows are all deleted. Each call checks the next few segments. */
  sweep(): void
  /** Calls `forget` with the entries of the deleted segments. */
  committed(forget: (hash: number, id: number) => void): void
  rolledBack(): void
}

export interface SegmentStoreOptions {
  readonly database: Database.Database
  /** The table of the rows, and its key column. */
  readonly table: string
  readonly id: string
  readonly rowsPerSegment?: number | undefined
}

/** First and last id of a segment in the file. */
interface Range {
  readonly firstId: number
  readonly lastId: number
}

/** 64 KiB per segment. Storing a segment or removing its entries blocks the event loop for a few ms. */
const rowsPerSegmentByDefault = 8_192

/** Limits the temporary memory at start to 32 MiB. */
const segmentsPerRead = 512

/** 20,000,000 rows have 2,400 segments; checking all of them at once would take several ms. */
const segmentsPerSweep = 8

export function createSegmentStore({
  database,
  table,
  id,
  rowsPerSegment = rowsPerSegmentByDefault,
}: SegmentStoreOptions): SegmentStore {
  const insert = database.prepare<[string, number, number, Buffer]>(
    'INSERT INTO index_segments VALUES (?, ?, ?, ?)',
  )
  const erase = database
    .prepare<[string, number], Buffer<ArrayBuffer>>(
      'DELETE FROM index_segments WHERE table_name = ? AND last_id = ? RETURNING entries',
    )
    .pluck()
  const hasRows = database
    .prepare<[number, number], number>(`SELECT EXISTS (SELECT 1 FROM ${table} WHERE ${id} BETWEEN ? AND ?)`)
    .pluck()
  const select = database.prepare<[string, number, number], StoredSegment>(
    'SELECT first_id AS firstId, entries FROM index_segments WHERE table_name = ? AND last_id BETWEEN ? AND ?',
  )
  const stored = database
    .prepare<[string], Range & { bytes: number }>(
      `SELECT first_id AS firstId, last_id AS lastId, length(entries) AS bytes
       FROM index_segments WHERE table_name = ? ORDER BY last_id`,
    )
    .all(table)

  /** In the order in which the next sweeps check them. */
  const ranges: Range[] = [...stored]
  /** All but the last one are full. */
  const unstored: Segment[] = []

  // Changes of the open transaction.
  let storing: Segment | undefined
  let swept: { range: Range; entries: Buffer<ArrayBuffer> }[] = []

  function end(): void {
    storing = undefined
    swept = []
  }

  return {
    entries: stored.reduce((sum, { bytes }) => sum + bytes / bytesPerEntry, 0),
    lastId: stored.at(-1)?.lastId ?? 0,
    read: (use) => {
      for (let from = 0; from < stored.length; from += segmentsPerRead) {
        const [first, last] = [stored[from], stored[from + segmentsPerRead - 1] ?? stored.at(-1)]
        readSegments(select.all(table, first?.lastId ?? 0, last?.lastId ?? 0), use)
      }
    },
    add: (hash, id) => {
      let last = unstored.at(-1)
      if (!last?.hasRoomFor(id)) {
        last = createSegment(rowsPerSegment, id)
        unstored.push(last)
      }
      last.add(hash, id)
    },
    store: () => {
      const [full, following] = unstored
      if (full === undefined || following === undefined || storing !== undefined) return
      insert.run(table, full.firstId, full.lastId, full.entries())
      storing = full
    },
    sweep: () => {
      for (const range of ranges.splice(0, segmentsPerSweep)) {
        const empty = hasRows.get(range.firstId, range.lastId) === 0
        const entries = empty ? erase.get(table, range.lastId) : undefined
        if (entries === undefined) ranges.push(range)
        else swept.push({ range, entries })
      }
    },
    committed: (forget) => {
      readSegments(
        swept.map(({ range: { firstId }, entries }) => ({ firstId, entries })),
        forget,
      )
      if (storing !== undefined) {
        unstored.shift()
        ranges.push({ firstId: storing.firstId, lastId: storing.lastId })
      }
      end()
    },
    rolledBack: () => {
      ranges.push(...swept.map(({ range }) => range))
      end()
    },
  }
}
