import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import {
  absentCell,
  createPackedTable,
  findSlot,
  maxPages,
  maxRowBytes,
  pageBytes,
  pageOf,
  type Table,
} from './table.ts'

export const maxRows = 5_000_000
export const maxColumns = 100

/** Builds a table row by row. Adds problems for bad rows. */
export interface TableBuilder {
  /** The cell index of a column; adds new columns. undefined beyond `maxColumns`. */
  cellOf(column: string): number | undefined
  /** `cells`: by cell index; undefined if the row has no such cell. Throws StopReading if the table is full. */
  add(key: string, cells: readonly (string | undefined)[], at: number): void
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

  /** Writes a text with its length; returns its number of bytes. */
  function write(text: string): number {
    const length = page.write(text, used + 2)
    page.writeUInt16LE(length, used)
    used += 2 + length
    return length
  }

  return {
    cellOf: (column) => {
      const known = columns.get(column)
      if (known !== undefined || columns.size >= maxColumns) return known
      columns.set(column, columns.size)
      return columns.size - 1
    },
    add: (key, cells, at) => {
      if (key === '') return problems.add('the key is empty', at)
      if (positions.length() === maxRowCount || pages.length === maxPages) {
        problems.add(`the table is full after ${positions.length()} rows`, at)
        throw new StopReading()
      }
      const texts = [key, ...cells]
      const maxBytes = texts.reduce((sum, text) => sum + (text?.length ?? 0) * 3, 0)
      if (maxBytes > maxRowBytes && texts.reduce((sum, text) => sum + byteLength(text), 0) > maxRowBytes)
        return problems.add(`the row is longer than ${maxRowBytes} bytes`, at)
      if (used + 1 + 2 * texts.length + maxBytes > page.length) {
        page = Buffer.allocUnsafeSlow(pageBytes)
        pages.push(page)
        used = 0
      }
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
        const slot = findSlot(index, pages, rowPage, from, from + rowPage.readUInt16LE(from - 2))
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

/** A growing list of unsigned 32-bit numbers, in four bytes each. */
function createUint32List() {
  let numbers = new Uint32Array(1_024)
  let length = 0
  return {
    length: () => length,
    at: (index: number): number => numbers[index] ?? 0,
    push: (number: number): void => {
      if (length === numbers.length) {
        const larger = new Uint32Array(length * 2)
        larger.set(numbers)
        numbers = larger
      }
      numbers[length] = number
      length += 1
    },
    /** The index of a number; the list must be in ascending order. */
    indexOf: (number: number): number => {
      let from = 0
      for (let to = length; from < to; ) {
        const middle = (from + to) >>> 1
        if ((numbers[middle] ?? 0) < number) from = middle + 1
        else to = middle
      }
      return from
    },
  }
}

/** A mistake in the file of a table. Can contain column names, never keys or cells. */
export interface TableProblem {
  readonly message: string
  /** From 1. JSON problems have `row`, the entry of the list or map; others have `line`. */
  readonly line?: number
  readonly row?: number
}

/** Collects the problems of a file: counts all and keeps the first 20. */
export interface Problems {
  /** `unit`: the unit of `at`, if not that of the file. */
  add(message: string, at?: number, unit?: 'line' | 'row'): void
  readonly unit: 'line' | 'row'
  /** Whether no problem was added yet. */
  isEmpty(): boolean
  /** Sorted by line or row; the last one gives the number of omitted problems. */
  list(): readonly TableProblem[]
}

const maxListed = 20

export function createProblems(unit: Problems['unit'] = 'line'): Problems {
  const kept: TableProblem[] = []
  let count = 0
  return {
    unit,
    add: (message, at, counted = unit) => {
      count += 1
      if (kept.length < maxListed) kept.push(at === undefined ? { message } : { message, [counted]: at })
    },
    isEmpty: () => count === 0,
    list: () => {
      const sorted = kept.toSorted((a, b) => (a.line ?? a.row ?? 0) - (b.line ?? b.row ?? 0))
      return count > kept.length
        ? [...sorted, { message: `and ${count - kept.length} more problems` }]
        : sorted
    },
  }
}

/** Thrown to stop reading a file, after its problem was added. */
export class StopReading extends Error {}
