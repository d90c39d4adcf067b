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
  const json = parse(text.replace(/^\uFEFF/, ''))
  const entries = entriesOf(json)
  if (entries !== undefined) return readEntries(entries, key, problems)
  problems.add(
    json === undefined
      ? 'is not valid JSON: run jq . on the file to see where'
      : 'must be a map of keys, or a list of rows',
  )
  return undefined
}

/** undefined: not JSON. */
function parse(text: string): unknown {
  try {
    return parseLosslessJson(text)
  } catch {
    return undefined // the parser's own message quotes keys and cells
  }
}

function entriesOf(json: unknown): Entries | undefined {
  if (Array.isArray(json))
    return {
      shape: 'list',
      entries: json.map((value, index) => ({ key: undefined, at: index + 1, value: entryValue(value) })),
    }
  if (!isJsonMap(json)) return undefined
  return {
    shape: 'map',
    entries: Object.entries(json).map(([key, value], index) => ({
      key,
      at: index + 1,
      value: entryValue(value),
    })),
  }
}

function entryValue(value: unknown): EntryValue {
  if (isJsonMap(value))
    return {
      kind: 'row',
      cells: Object.entries(value).map(([column, cell]) => [column, cellText(cell)] as const),
    }
  const text = cellText(value)
  return text === undefined ? { kind: 'list' } : { kind: 'text', text }
}

/** A JSON number in its written form, such as an id of 20 digits, or 1.50. */
class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Parses JSON and keeps the written form of numbers. Throws a SyntaxError, whose message quotes the JSON. */
export const parseLosslessJson = (text: string): unknown =>
  JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value,
  )

export const isJsonMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)

/** The text of a cell; undefined for maps and lists. */
export function cellText(value: unknown): string | undefined {
  if (value === null) return ''
  if (value instanceof NumberText) return value.text
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined
}
