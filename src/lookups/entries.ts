import { setImmediate as turn } from 'node:timers/promises'
import type { Problems } from './problems.ts'
import { createTableBuilder, maxColumns, type TableBuilder } from './table-builder.ts'

/** What JSON and YAML have in common: a map of keys to rows or texts, or a list of rows. */
export interface Entries {
  readonly shape: 'map' | 'list'
  readonly entries: Iterable<Entry>
}

export interface Entry {
  /** Its line or row, as the problems count (`Problems.unit`). */
  readonly at: number
  /** Absent in a list. */
  readonly key: string | undefined
  readonly value: EntryValue
}

export type EntryValue =
  | { readonly kind: 'text'; readonly text: string }
  /** A cell without text is a map or a list, which no cell can be. */
  | { readonly kind: 'row'; readonly cells: readonly (readonly [column: string, text: string | undefined])[] }
  | { readonly kind: 'list' }

/** The one column of a map of keys to texts. */
const textColumn = 'value'
/** How long others wait, in ms, while entries are read. */
const turnMs = 4

/** undefined if the whole cannot be read as a table, which is told as a problem. */
export async function readEntries(
  { shape, entries }: Entries,
  key: string | undefined,
  problems: Problems,
): Promise<TableBuilder | undefined> {
  if (shape === 'list' && key === undefined) {
    problems.add('is a list of rows: name the column that holds the key with key')
    return undefined
  }
  if (shape === 'map' && key !== undefined) {
    problems.add('is a map, whose keys are the keys already: remove key')
    return undefined
  }
  const builder = createTableBuilder(problems, key)
  const addEntry = createEntryReader(builder, key, problems)
  let turnAt = performance.now() + turnMs
  for (const entry of entries) {
    addEntry(entry)
    if (builder.full()) break
    if (performance.now() < turnAt) continue
    await turn()
    turnAt = performance.now() + turnMs
  }
  return builder
}

function createEntryReader(
  builder: TableBuilder,
  keyColumn: string | undefined,
  problems: Problems,
): (entry: Entry) => void {
  /** All values of a map are of the kind of the first. */
  let kind: EntryValue['kind'] | undefined

  /** The cells at their numbers, and the key if it is one of them; undefined if a problem was told. */
  function arrange(cells: Extract<EntryValue, { kind: 'row' }>['cells'], at: number) {
    const arranged: (string | undefined)[] = []
    let key: string | undefined
    const seen = new Set<string>()
    for (const [column, text] of cells) {
      const name = JSON.stringify(column)
      if (text === undefined) return problems.add(`${name} must be text, a number, true, false or null`, at)
      if (seen.has(column)) return problems.add(`${name} stands twice in a row`, at)
      if (column === '') return problems.add('a column has no name', at)
      seen.add(column)
      if (column === keyColumn) {
        key = text
        continue
      }
      const cell = builder.cellOf(column)
      if (cell === undefined)
        return problems.add(`${name} is one column too many: ${maxColumns} are the most`, at)
      // Without holes: `add` goes over every cell.
      while (arranged.length <= cell) arranged.push(undefined)
      arranged[cell] = text
    }
    return { cells: arranged, key }
  }

  return ({ key, value, at }) => {
    kind ??= value.kind
    if (value.kind === 'list' || (keyColumn !== undefined && value.kind === 'text'))
      return problems.add(`a row must be a map of columns to texts`, at)
    if (value.kind !== kind)
      return problems.add('is a text where others are rows: all must be rows or all must be texts', at)
    const arranged = arrange(value.kind === 'text' ? [[textColumn, value.text]] : value.cells, at)
    if (arranged === undefined) return
    const known = key ?? arranged.key
    if (known === undefined) return problems.add(`the row has no ${JSON.stringify(keyColumn)}`, at)
    builder.add(known, arranged.cells, at)
  }
}
