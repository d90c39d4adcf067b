import { type Entries, type Entry, type EntryValue, readEntries } from './entries.ts'
import { isListAt, isMapAt, JsonMistake, jsonParts, scalarAt, skipSpace } from './json-parts.ts'
import type { Problems } from './problems.ts'
import type { TableBuilder } from './table-builder.ts'

/** A JSON map of keys to rows or texts, or a list of rows. `bytes` are UTF-8. What follows a mistake is not read. */
export async function readJson(
  bytes: Buffer,
  key: string | undefined,
  problems: Problems,
): Promise<TableBuilder | undefined> {
  const lineAt = createLineCount(bytes)
  try {
    const entries = entriesOf(bytes, lineAt)
    return await readEntries(entries, key, problems)
  } catch (error) {
    if (!(error instanceof JsonMistake)) throw error
    problems.add(`is no JSON: ${error.message}`, lineAt(error.at))
    return undefined
  }
}

type LineAt = (at: number) => number

function entriesOf(bytes: Buffer, lineAt: LineAt): Entries {
  const mark = bytes.subarray(0, 3).toString('hex') === 'efbbbf' ? 3 : 0
  const open = skipSpace(bytes, mark)
  if (!isMapAt(bytes, open) && !isListAt(bytes, open))
    throw new JsonMistake('it must be a map { … } or a list [ … ]', open)
  return { shape: isMapAt(bytes, open) ? 'map' : 'list', entries: generate(bytes, open, lineAt) }
}

function* generate(bytes: Buffer, open: number, lineAt: LineAt): Generator<Entry> {
  const parts = jsonParts(bytes, open)
  let next = parts.next()
  for (; next.done !== true; next = parts.next()) {
    const { key, from, to } = next.value
    yield { key, line: lineAt(from), value: entryValue(bytes, from, to) }
  }
  const rest = skipSpace(bytes, next.value)
  if (rest < bytes.length) throw new JsonMistake('something follows its end', rest)
}

function entryValue(bytes: Buffer, from: number, to: number): EntryValue {
  if (isListAt(bytes, from)) return { kind: 'list' }
  if (!isMapAt(bytes, from)) return { kind: 'text', text: scalarAt(bytes, from, to) }
  const cells: [string, string | undefined][] = []
  for (const part of jsonParts(bytes, from)) {
    const nested = isMapAt(bytes, part.from) || isListAt(bytes, part.from)
    cells.push([part.key ?? '', nested ? undefined : scalarAt(bytes, part.from, part.to)])
  }
  return { kind: 'row', cells }
}

/** The line of a place, from 1; places are asked for in their order, mostly. */
function createLineCount(bytes: Buffer): LineAt {
  let known = 0
  let line = 1
  return (at) => {
    for (; known < at; known += 1) if (bytes[known] === 10) line += 1
    return line
  }
}
