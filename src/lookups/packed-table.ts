import { absentCell, findSlot, lengthAt, type Pages, pageBytes, pageOf } from './row-layout.ts'
import { emptyRow, type Row, type Table } from './table.ts'

export interface PackedRows {
  readonly pages: Pages
  /** Hash table by open addressing: places plus one, 0 is free. Its length is a power of two. */
  readonly index: Uint32Array
  readonly size: number
  /** Of the cells, in their order; a row can have fewer cells. */
  readonly columns: readonly string[]
  /** The column that the key is shown as, if any. */
  readonly keyColumn: string | undefined
  /** UTF-8. */
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
  // Has room for more than the longest key, so that a longer one, cut off, cannot look like it.
  const asked = Buffer.alloc(longestKeyBytes + 8)

  function rowAt(place: number): Row | undefined {
    const page = pageOf(pages, place)
    if (page === undefined) return undefined
    const row = emptyRow()
    let at = place % pageBytes
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
      // A lone surrogate has no UTF-8, and would be taken for the replacement character.
      if (key.length > longestKeyBytes || !key.isWellFormed()) return undefined
      const entry = index[findSlot(index, pages, asked, 0, asked.write(key))] ?? 0
      return entry === 0 ? undefined : rowAt(entry - 1)
    },
  }
}
