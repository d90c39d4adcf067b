import type Database from 'better-sqlite3'

export interface SegmentStoreOptions {
  readonly database: Database.Database
  readonly table: 'events' | 'participants' | 'known_values' | 'records'
  /** The integer primary key column of the table. */
  readonly id: string
  /** For tests. */
  readonly rowsPerSegment?: number
}

/** First and last id of a segment in the file. */
interface Range {
  readonly firstId: number
  readonly lastId: number
}

export interface StoredSegment {
  readonly firstId: number
  readonly entries: Buffer<ArrayBuffer>
}

type UseEntry = (hash: number, id: number) => void

/** 64 KiB per segment. Storing a segment or removing its entries blocks the event loop for a few ms. */
const rowsPerSegmentByDefault = 8_192

/** Limits the temporary memory at start to 32 MiB. */
const segmentsPerRead = 512

/** 20,000,000 rows have 2,400 segments; checking all of them at once would take several ms. */
const segmentsPerSweep = 8

/** The segments of one index, in the file and not stored yet. A segment has the hashes and ids of consecutive rows. */
export function createSegmentStore({
  database,
  table,
  id,
  rowsPerSegment = rowsPerSegmentByDefault,
}: SegmentStoreOptions) {
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
  const unstored: ReturnType<typeof createSegment>[] = []

  // Changes of the open transaction.
  let storing: Range | undefined
  let swept: { range: Range; entries: Buffer<ArrayBuffer> }[] = []

  function end(): void {
    storing = undefined
    swept = []
  }

  return {
    /** Number of entries in the file. */
    entries: stored.reduce((sum, { bytes }) => sum + bytes / bytesPerEntry, 0),
    /** The segments in the file cover every row up to this id. */
    lastId: stored.at(-1)?.lastId ?? 0,
    /** Calls `use` with every entry in the file. */
    read(use: UseEntry): void {
      for (let from = 0; from < stored.length; from += segmentsPerRead) {
        const [first, last] = [stored[from], stored[from + segmentsPerRead - 1] ?? stored.at(-1)]
        readSegments(select.all(table, first?.lastId ?? 0, last?.lastId ?? 0), use)
      }
    },
    /** Adds a committed row that no segment has yet. */
    add(hash: number, id: number): void {
      let last = unstored.at(-1)
      if (!last?.hasRoomFor(id)) {
        last = createSegment(rowsPerSegment, id)
        unstored.push(last)
      }
      last.add(hash, id)
    },
    /** Stores the oldest full segment, if any. At most one per transaction. */
    store(): void {
      const [full, following] = unstored
      if (full === undefined || following === undefined || storing !== undefined) return
      const { firstId, lastId } = full
      insert.run(table, firstId, lastId, full.entries())
      storing = { firstId, lastId }
    },
    /** Deletes segments whose rows are all deleted. Each call checks the next few segments. */
    sweep(): void {
      for (const range of ranges.splice(0, segmentsPerSweep)) {
        const empty = hasRows.get(range.firstId, range.lastId) === 0
        const entries = empty ? erase.get(table, range.lastId) : undefined
        if (entries === undefined) ranges.push(range)
        else swept.push({ range, entries })
      }
    },
    /** Calls `forget` with the entries of the deleted segments. */
    committed(forget: UseEntry): void {
      readSegments(
        swept.map(({ range: { firstId }, entries }) => ({ firstId, entries })),
        forget,
      )
      if (storing !== undefined) {
        unstored.shift()
        ranges.push(storing)
      }
      end()
    },
    rolledBack(): void {
      ranges.push(...swept.map(({ range }) => range))
      end()
    },
  }
}

/**
 * An entry is a 64-bit number: the hash, then the id's distance from the first id. It is stored little-endian, which is the byte order of
 * all supported platforms.
 */
const bytesPerEntry = BigUint64Array.BYTES_PER_ELEMENT

export function createSegment(rows: number, firstId: number) {
  const words = new Uint32Array(2 * rows)
  let lastId = firstId
  let end = 0
  return {
    firstId,
    get lastId() {
      return lastId
    },
    hasRoomFor: (id: number): boolean => end < words.length && id - firstId < 2 ** 32,
    add(hash: number, id: number): void {
      words[end] = id - firstId
      words[end + 1] = hash
      end += 2
      lastId = id
    },
    /** The entries for the file, sorted by hash for `readSegments`. */
    entries(): Buffer {
      new BigUint64Array(words.buffer, 0, end / 2).sort()
      return Buffer.from(words.buffer, 0, end * Uint32Array.BYTES_PER_ELEMENT)
    },
  }
}

const hashRanges = 1_024

/**
 * Calls `use` with every entry of all segments, in 1,024 ranges of rising hashes. Filling a hash table in another order misses the processor
 * cache with nearly every entry and takes five times as long.
 */
export function readSegments(segments: readonly StoredSegment[], use: UseEntry): void {
  const readers = segments.map(createReader)
  for (let range = 1; range <= hashRanges; range += 1) {
    const end = (range / hashRanges) * 2 ** 32
    for (const reader of readers) reader.readUpTo(end, use)
  }
}

function createReader({ firstId, entries }: StoredSegment) {
  const words = new Uint32Array(entries.buffer, entries.byteOffset, entries.length / 4)
  let at = 0
  return {
    readUpTo(end: number, use: UseEntry): void {
      for (; at < words.length; at += 2) {
        const hash = words[at + 1] ?? 0
        if (hash >= end) return
        use(hash, firstId + (words[at] ?? 0))
      }
    },
  }
}
