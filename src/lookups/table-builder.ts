import { setImmediate as turn } from 'node:timers/promises'
import { createNumbers } from './numbers.ts'
import { createPackedTable } from './packed-table.ts'
import type { Problems } from './problems.ts'
import { absentCell, findSlot, lengthAt, maxRowBytes, mostPages, pageBytes, pageOf } from './row-layout.ts'
import type { Table } from './table.ts'

export const maxRows = 5_000_000
export const maxColumns = 100

/** Takes rows one after the other and makes a table of them. Tells problems; never throws for bad rows. */
export interface TableBuilder {
  /** The number of the cell for a column, new columns included; undefined beyond the most that a table may have. */
  cellOf(column: string): number | undefined
  /** `cells` by their numbers; undefined: the row has none. */
  add(key: string, cells: readonly (string | undefined)[], at: number): void
  /** Whether there is room for no more rows: a problem is told, reading on is in vain. */
  full(): boolean
  /** Finds keys that stand twice, and lets others have a turn in between. The builder is of no use afterwards. */
  build(): Promise<Table>
}

/** Rows indexed in one go: about a millisecond. */
const rowsPerTurn = 10_000

/** `keyColumn`: the column that the key is shown as; it is no cell. */
export function createTableBuilder(
  problems: Problems,
  keyColumn: string | undefined,
  mostRows = maxRows,
): TableBuilder {
  const columns = new Map<string, number>()
  const pages: Buffer[] = []
  const places = createNumbers()
  const lineOrRow = createNumbers()
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

  function makeRoom(bytes: number): void {
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
      if (places.length() === mostRows || pages.length === mostPages) {
        full = true
        return problems.add(`there is room for ${places.length()} rows only`, at)
      }
      const texts = [key, ...cells]
      const most = texts.reduce((sum, text) => sum + (text?.length ?? 0) * 3, 0)
      if (most > maxRowBytes && texts.reduce((sum, text) => sum + byteLength(text), 0) > maxRowBytes)
        return problems.add(`the row is longer than ${maxRowBytes} bytes`, at)
      makeRoom(1 + 2 * texts.length + most)
      places.push((pages.length - 1) * pageBytes + used)
      lineOrRow.push(at)
      page[used] = cells.length
      used += 1
      longestKeyBytes = Math.max(longestKeyBytes, write(key))
      for (const cell of cells) {
        if (cell !== undefined) write(cell)
        else used = page.writeUInt16LE(absentCell, used)
      }
    },
    build: async () => {
      // What the last page does not need is given back.
      if (pages.length > 0) pages[pages.length - 1] = Buffer.from(page.subarray(0, used))
      const index = new Uint32Array(capacityFor(places.length()))
      let size = 0
      for (let row = 0; row < places.length(); row += 1) {
        const place = places.at(row)
        const here = pageOf(pages, place)
        if (here === undefined) continue
        const from = (place % pageBytes) + 3
        const slot = findSlot(index, pages, here, from, from + lengthAt(here, from - 2))
        const earlier = index[slot] ?? 0
        if (earlier === 0) {
          index[slot] = place + 1
          size += 1
        } else {
          const first = lineOrRow.at(places.find(earlier - 1))
          problems.add(`the key stands in ${problems.unit} ${first} already`, lineOrRow.at(row))
        }
        if (row % rowsPerTurn === rowsPerTurn - 1) await turn()
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

/** Two thirds full at most, so that a search looks at two or three slots. */
function capacityFor(rows: number): number {
  let capacity = 2
  while (capacity < rows * 1.5) capacity *= 2
  return capacity
}
