import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { createPackedTable } from './packed-table.ts'
import type { Problems } from './problems.ts'
import { absentCell, findSlot, lengthAt, maxPages, maxRowBytes, pageBytes, pageOf } from './row-layout.ts'
import type { Table } from './table.ts'
import { createUint32List } from './uint32-list.ts'

export const maxRows = 5_000_000
export const maxColumns = 100

/** Builds a table row by row. Adds problems for bad rows; never throws for them. */
export interface TableBuilder {
  /** The cell index of a column; adds new columns. undefined beyond `maxColumns`. */
  cellOf(column: string): number | undefined
  /** `cells`: by cell index; undefined if the row has no such cell. */
  add(key: string, cells: readonly (string | undefined)[], at: number): void
  /** Whether the table is full. A problem was added; stop reading. */
  full(): boolean
  /** Finds duplicate keys; yields to the event loop. Call it once, last. */
  build(): Promise<Table>
}

/** Rows indexed before yielding to the event loop: about a millisecond. */
const rowsPerSlice = 10_000

/** `keyColumn`: the column of the key, which is not a cell. */
export function createTableBuilder(
  problems: Problems,
  keyColumn: string | undefined,
  maxRowCount = maxRows,
): TableBuilder {
  const columns = new Map<string, number>()
  const pages: Buffer[] = []
  const positions = createUint32List()
  const linesOrRows = createUint32List()
  let page = Buffer.alloc(0)
  let used = 0
  let longestKeyBytes = 0
  let full = false

  /** Writes a text with its length; returns its number of bytes. */
  function write(text: string): number {
    const length = page.write(text, used + 2)
    page.writeUInt16LE(length, used)
    used += 2 + length
    return length
  }

  function reserve(bytes: number): void {
    if (used + bytes <= page.length) return
    page = Buffer.allocUnsafeSlow(pageBytes)
    pages.push(page)
    used = 0
  }

  return {
    cellOf: (column) => {
      const known = columns.get(column)
      if (known !== undefined || columns.size >= maxColumns) return known
      columns.set(column, columns.size)
      return columns.size - 1
    },
    full: () => full,
    add: (key, cells, at) => {
      if (full) return
      if (key === '') return problems.add('the key is empty', at)
      if (positions.length() === maxRowCount || pages.length === maxPages) {
        full = true
        return problems.add(`the table is full after ${positions.length()} rows`, at)
      }
      const texts = [key, ...cells]
      const maxBytes = texts.reduce((sum, text) => sum + (text?.length ?? 0) * 3, 0)
      if (maxBytes > maxRowBytes && texts.reduce((sum, text) => sum + byteLength(text), 0) > maxRowBytes)
        return problems.add(`the row is longer than ${maxRowBytes} bytes`, at)
      reserve(1 + 2 * texts.length + maxBytes)
      positions.push((pages.length - 1) * pageBytes + used)
      linesOrRows.push(at)
      page[used] = cells.length
      used += 1
      longestKeyBytes = Math.max(longestKeyBytes, write(key))
      for (const cell of cells) {
        if (cell !== undefined) write(cell)
        else used = page.writeUInt16LE(absentCell, used)
      }
    },
    build: async () => {
      // Frees the unused part of the last page.
      if (pages.length > 0) pages[pages.length - 1] = Buffer.from(page.subarray(0, used))
      const index = new Uint32Array(capacityFor(positions.length()))
      let size = 0
      for (let row = 0; row < positions.length(); row += 1) {
        const position = positions.at(row)
        const rowPage = pageOf(pages, position)
        if (rowPage === undefined) continue
        const from = (position % pageBytes) + 3
        const slot = findSlot(index, pages, rowPage, from, from + lengthAt(rowPage, from - 2))
        const earlier = index[slot] ?? 0
        if (earlier === 0) {
          index[slot] = position + 1
          size += 1
        } else {
          const first = linesOrRows.at(positions.indexOf(earlier - 1))
          problems.add(`the key is a duplicate of ${problems.unit} ${first}`, linesOrRows.at(row))
        }
        if (row % rowsPerSlice === rowsPerSlice - 1) await yieldToEventLoop()
      }
      return createPackedTable({
        pages,
        index,
        size,
        columns: [...columns.keys()],
        keyColumn,
        longestKeyBytes,
      })
    },
  }
}

const byteLength = (text: string | undefined): number => (text === undefined ? 0 : Buffer.byteLength(text))

/** At most two thirds full, so that a search reads two or three slots. */
function capacityFor(rows: number): number {
  let capacity = 2
  while (capacity < rows * 1.5) capacity *= 2
  return capacity
}
