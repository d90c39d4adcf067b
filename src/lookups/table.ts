/**
 * The row of one key: column → text. Has no prototype, so that `constructor` and `__proto__` are ordinary columns. A missing
 * cell is absent.
 */
export type Row = Readonly<Record<string, string>>

/** Rows by key, in memory. Immutable: a changed file is loaded as a new table. */
export interface Table {
  /** Every column that a row can have; undefined if the columns are unknown. */
  readonly columns: readonly string[] | undefined
  /** Number of rows. */
  readonly size: number
  /** The row of exactly this key, in constant time. */
  get(key: string): Row | undefined
}

/** A new row without a prototype. */
export const emptyRow = (): Record<string, string> => Object.create(null)

/**
 * The memory layout of the rows of a table: bytes in pages, outside the heap of the garbage collector. A row is its number
 * of cells (1 byte), then the key and each cell: 2 bytes of length, then UTF-8. A row never crosses pages; its position is
 * `page * pageBytes + offset`. Compared with a Map of objects, this takes a quarter of the memory, and loading blocks the
 * event loop for shorter times; bench/lookups.ts measures both.
 */
export const pageBytes = 4_194_304
/** Positions are 32-bit numbers. */
export const maxPages = 1_000
/** Texts of one row together: lengths fit into 2 bytes, rows into pages. */
export const maxRowBytes = 32_768
/** Written in place of the length of an absent cell. */
export const absentCell = 0xffff

type Pages = readonly Buffer[]

/** FNV-1a with a final mix: the low bits of FNV-1a collide for keys that differ in their last digits. */
function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** The slot of a key in the index, or the free slot for it. */
export function findSlot(
  index: Uint32Array,
  pages: Pages,
  key: Uint8Array,
  from: number,
  to: number,
): number {
  const mask = index.length - 1
  for (let slot = hashBytes(key, from, to) & mask; ; slot = (slot + 1) & mask) {
    const entry = index[slot] ?? 0
    if (entry === 0 || hasKey(pages, entry - 1, key, from, to)) return slot
  }
}

export const pageOf = (pages: Pages, position: number): Buffer | undefined =>
  pages[Math.floor(position / pageBytes)]

function hasKey(pages: Pages, position: number, key: Uint8Array, from: number, to: number): boolean {
  const page = pageOf(pages, position)
  const at = (position % pageBytes) + 1
  if (page === undefined || page.readUInt16LE(at) !== to - from) return false
  return page.compare(key, from, to, at + 2, at + 2 + to - from) === 0
}

interface PackedRows {
  readonly pages: Pages
  /** A hash table with open addressing: position plus one, or 0 for a free slot. The length is a power of two. */
  readonly index: Uint32Array
  readonly size: number
  /** The columns in cell order; a row can have fewer cells. */
  readonly columns: readonly string[]
  /** The column of the key, if the key is a column. */
  readonly keyColumn: string | undefined
  /** In UTF-8. */
  readonly longestKeyBytes: number
}

export function createPackedTable(rows: PackedRows): Table {
  const { pages, index, size, columns, keyColumn, longestKeyBytes } = rows
  // Longer than the longest key, so that a longer key, cut off, does not equal it.
  const keyBytes = Buffer.alloc(longestKeyBytes + 8)

  function rowAt(position: number): Row | undefined {
    const page = pageOf(pages, position)
    if (page === undefined) return undefined
    const row = emptyRow()
    let at = position % pageBytes
    const cells = page[at] ?? 0
    at += 1
    for (let cell = -1; cell < cells; cell += 1) {
      const column = cell === -1 ? keyColumn : columns[cell]
      const length = page.readUInt16LE(at)
      at += 2
      if (length === absentCell) continue
      if (column !== undefined) row[column] = page.toString('utf8', at, at + length)
      at += length
    }
    return row
  }

  return {
    columns: keyColumn === undefined ? columns : [keyColumn, ...columns],
    size,
    get: (key) => {
      // UTF-8 encodes a lone surrogate as the replacement character, which would match a key with it.
      if (key.length > longestKeyBytes || !key.isWellFormed()) return undefined
      const entry = index[findSlot(index, pages, keyBytes, 0, keyBytes.write(key))] ?? 0
      return entry === 0 ? undefined : rowAt(entry - 1)
    },
  }
}
