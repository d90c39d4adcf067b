import { suggest } from '../../values/messages.ts'
import { type Budget, stepsOfText } from '../budget.ts'
import type { FunctionDefinition } from './definition.ts'

/** The tables of a rules file. `columns` is undefined if the columns are unknown until a row is fetched. */
export type KnownTables = ReadonlyMap<string, { readonly columns: readonly string[] | undefined }>

/** The row of a key; undefined if the table has none. */
export type FindRow = (table: string, key: string) => Readonly<Record<string, string>> | undefined

/** `lookup(table, key)`: the row as a map of column to text. Missing columns read as "". */
export function createLookup(tables: KnownTables, findRow: FindRow, budget: Budget): FunctionDefinition {
  return {
    signature: 'lookup(string, string): map<string, string>',
    quoted: [0],
    check: ([table = '']) => {
      if (tables.has(table)) return undefined
      return { argument: 0, message: `there is no lookup table ${named(table, tables.keys())}` }
    },
    evaluate: (table: string, key: string) => {
      budget.spend(10 + stepsOfText(key.length))
      return rowWithoutGaps(findRow(table, key))
    },
  }
}

/** The message for a column that the table does not have; undefined if it has it, or if the columns are unknown. */
export function problemOfColumn(table: string, column: string, tables: KnownTables): string | undefined {
  const columns = tables.get(table)?.columns
  if (columns === undefined || columns.includes(column)) return undefined
  return `lookup table ${JSON.stringify(table)} has no column ${named(column, columns)}`
}

function named(name: string, known: Iterable<string>): string {
  const names = [...known]
  const meant = suggest(name, names)
  if (meant !== undefined) return `${JSON.stringify(name)}: did you mean ${JSON.stringify(meant)}?`
  const shown = names.slice(0, 10).map((known) => JSON.stringify(known))
  const all = `${shown.join(', ')}${names.length > shown.length ? ' …' : ''}`
  return `${JSON.stringify(name)}: ${names.length === 0 ? 'this rules file has none' : `known: ${all}`}`
}

/** The library reads a Map by `get` but does not accept a subclass, so this overrides `get` on the instance. */
function rowWithoutGaps(row: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> {
  const cells = new Map(row === undefined ? [] : Object.entries(row))
  return Object.assign(cells, { get: (column: string) => Map.prototype.get.call(cells, column) ?? '' })
}
