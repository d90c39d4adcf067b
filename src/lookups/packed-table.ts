import { absentCell, findSlot, lengthAt, type Pages, pageBytes, pageOf } from './row-layout.ts'
import { emptyRow, type Row, type Table } from './table.ts'

export interface PackedRows {
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

export function createPackedTable({
  pages,
  index,
  size,
  columns,
  keyColumn,
  longestKeyBytes,
}: PackedRows): Table {
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
      const length = lengthAt(page, at)
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
