import { type Entries, type EntryValue, readEntries } from './read-entries.ts'
import type { Problems, TableBuilder } from './table-builder.ts'

/**
 * Reads a JSON map of keys to rows or texts, or a list of rows. JSON.parse blocks the event loop, hence the small
 * `maxFileBytes`. If a key occurs twice in a map, JSON.parse keeps the last.
 */
export async function readJson(
  text: string,
  key: string | undefined,
  problems: Problems,
): Promise<TableBuilder | undefined> {
  const json = parseLosslessJson(text)
  const entries = entriesOf(json)
  if (entries !== undefined) return readEntries(entries, key, problems)
  problems.add(
    json === undefined
      ? 'is not valid JSON: run jq . on the file to see where'
      : 'must be a map of keys, or a list of rows',
  )
  return undefined
}

function entriesOf(json: unknown): Entries | undefined {
  const isList = Array.isArray(json)
  if (!isList && !isJsonMap(json)) return undefined
  const entries = Object.entries(json).map(([key, value], index) => ({
    key: isList ? undefined : key,
    at: index + 1,
    value: entryValue(value),
  }))
  return { shape: isList ? 'list' : 'map', entries }
}

const entryValue = (value: unknown): EntryValue =>
  isJsonMap(value)
    ? Object.entries(value).map(([column, cell]) => [column, cellText(cell)] as const)
    : cellText(value)

/** A JSON number in its written form, such as an id of 20 digits, or 1.50. */
class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Parses JSON and keeps the written form of numbers. undefined: not JSON. */
export function parseLosslessJson(text: string): unknown {
  try {
    return JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value,
    )
  } catch {
    return undefined // the parser's own message quotes keys and cells
  }
}

export const isJsonMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)

/** The text of a cell; undefined for maps and lists. */
export function cellText(value: unknown): string | undefined {
  if (value === null) return ''
  if (value instanceof NumberText) return value.text
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined
}
