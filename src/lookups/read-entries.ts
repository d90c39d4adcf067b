import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { createTableBuilder, maxColumns, type Problems, type TableBuilder } from './table-builder.ts'

/** The content of a JSON or YAML table: a map of keys to rows or texts, or a list of rows. */
export interface Entries {
  readonly shape: 'map' | 'list'
  readonly entries: Iterable<Entry>
}

export interface Entry {
  /** The line or row of the entry, by `Problems.unit`. */
  readonly at: number
  /** Absent in a list. */
  readonly key: string | undefined
  readonly value: EntryValue
}

/** `text` is undefined if the value of the column is a map or a list, which a cell cannot be. */
type Cells = readonly (readonly [column: string, text: string | undefined])[]

/** A text, a row, or undefined for a list. */
export type EntryValue = string | Cells | undefined

/** The only column of a map of keys to texts. */
const textColumn = 'value'
/** Reading entries yields to the event loop after this time. */
const sliceMs = 4

/** Adds a problem and returns undefined if the content and `key` do not fit. */
export async function readEntries(
  { shape, entries }: Entries,
  key: string | undefined,
  problems: Problems,
): Promise<TableBuilder | undefined> {
  if (shape === 'list' && key === undefined) {
    problems.add('is a list of rows: set key to the column with the key')
    return undefined
  }
  if (shape === 'map' && key !== undefined) {
    problems.add('is a map, which has its own keys: remove key')
    return undefined
  }
  const builder = createTableBuilder(problems, key)
  const addEntry = createEntryReader(builder, key, problems)
  let sliceEndsAt = performance.now() + sliceMs
  for (const entry of entries) {
    addEntry(entry)
    if (performance.now() < sliceEndsAt) continue
    await yieldToEventLoop()
    sliceEndsAt = performance.now() + sliceMs
  }
  return builder
}

function createEntryReader(
  builder: TableBuilder,
  keyColumn: string | undefined,
  problems: Problems,
): (entry: Entry) => void {
  /** The type of the first value; all others must have the same. */
  let type: string | undefined

  /** The cells in column order, and the key if it is a column. Adds a problem and returns undefined for an invalid row. */
  function arrange(cells: Cells, at: number) {
    const arranged: (string | undefined)[] = []
    let key: string | undefined
    const seen = new Set<string>()
    for (const [column, text] of cells) {
      const name = JSON.stringify(column)
      if (text === undefined) return problems.add(`${name} must be text, a number, true, false or null`, at)
      if (seen.has(column)) return problems.add(`${name} occurs twice in the row`, at)
      if (column === '') return problems.add('a column has no name', at)
      seen.add(column)
      if (column === keyColumn) {
        key = text
        continue
      }
      const cell = builder.cellOf(column)
      if (cell === undefined) return problems.add(`${name} exceeds the limit of ${maxColumns} columns`, at)
      // Fills holes: `add` iterates over every cell.
      while (arranged.length <= cell) arranged.push(undefined)
      arranged[cell] = text
    }
    return { cells: arranged, key }
  }

  return ({ key, value, at }) => {
    type ??= typeof value
    if (value === undefined || (keyColumn !== undefined && typeof value === 'string'))
      return problems.add('a row must be a map of columns to texts', at)
    if (typeof value !== type)
      return problems.add('mixes texts and rows: all entries must be of one kind', at)
    const arranged = arrange(typeof value === 'string' ? [[textColumn, value]] : value, at)
    if (arranged === undefined) return
    const known = key ?? arranged.key
    if (known === undefined) return problems.add(`the row has no ${JSON.stringify(keyColumn)}`, at)
    builder.add(known, arranged.cells, at)
  }
}
