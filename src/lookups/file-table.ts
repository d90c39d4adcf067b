import { isUtf8 } from 'node:buffer'
import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { systemCodeOf } from '../errors.ts'
import { explainFileError } from '../values/messages.ts'
import { fileVersion } from './file-version.ts'
import { type FileFormat, type FileLookup, formatOf } from './lookup-schema.ts'
import { readCsv } from './read-csv.ts'
import { readJson } from './read-json.ts'
import { readYaml } from './read-yaml.ts'
import type { Table } from './table.ts'
import {
  createProblems,
  type Problems,
  StopReading,
  type TableBuilder,
  type TableProblem,
} from './table-builder.ts'

export type FileTableResult =
  | { readonly kind: 'ok'; readonly table: Table }
  | { readonly kind: 'invalid'; readonly problems: readonly TableProblem[] }

/** CSV is read in chunks. JSON and YAML are parsed at once, which blocks the event loop. */
export const maxFileBytes: Readonly<Record<FileFormat, number>> = {
  csv: 536_870_912,
  json: 2_097_152,
  yaml: 262_144,
}

/** Blocks the event loop for a few milliseconds only. */
const chunkBytes = 16_384

/** `definition.file` is relative to `folder`. Returns all problems of a file; never rejects for a bad file. */
export async function loadFileTable(definition: FileLookup, folder: string): Promise<FileTableResult> {
  const problems = createProblems(formatOf(definition) === 'json' ? 'row' : 'line')
  const path = resolve(folder, definition.file)
  const before = await fileVersion(path)
  let table: Table | undefined
  try {
    const builder = await readFileInto(path, definition, problems)
    table = await builder?.build()
  } catch (error) {
    const code = systemCodeOf(error, '')
    if (code !== '')
      problems.add(`cannot be read (${code})${explainFileError(code)}; relative paths start at ${folder}`)
    else if (!(error instanceof StopReading)) throw error
  }
  if (problems.isEmpty() && (await fileVersion(path)) !== before) problems.add('changed while it was read')
  return table !== undefined && problems.isEmpty()
    ? { kind: 'ok', table }
    : { kind: 'invalid', problems: problems.list() }
}

async function readFileInto(
  path: string,
  definition: FileLookup,
  problems: Problems,
): Promise<TableBuilder | undefined> {
  const format = formatOf(definition) ?? 'csv'
  // Before open(), which would wait for a writer if this is a pipe.
  const found = await stat(path)
  if (!found.isFile()) problems.add('is not a file')
  else if (found.size === 0) problems.add('is empty')
  else if (found.size > maxFileBytes[format])
    problems.add(
      `has ${found.size} bytes: the limit for ${format} is ${maxFileBytes[format]}${advice[format]}`,
    )
  if (!problems.isEmpty()) return undefined
  const file = await open(path)
  try {
    // Bytes that are appended during the read are not read.
    const stream = file.createReadStream({ autoClose: false, highWaterMark: chunkBytes, end: found.size - 1 })
    const chunks = utf8Chunks(stream, problems)
    const { key, delimiter } = definition
    switch (format) {
      case 'csv':
        return await readCsv(chunks, { key: key ?? '', delimiter }, problems)
      case 'json':
        return await readJson(await textOf(chunks), key, problems)
      case 'yaml':
        return await readYaml(await textOf(chunks), key, problems)
    }
  } finally {
    await file.close()
  }
}

const advice: Readonly<Record<FileFormat, string>> = {
  csv: '',
  json: ', write it as csv',
  yaml: ', write it as csv or json',
}

/** Yields chunks that end with a complete character. Adds a problem and throws StopReading if the bytes are not UTF-8. */
async function* utf8Chunks(chunks: AsyncIterable<Buffer>, problems: Problems): AsyncGenerator<Buffer> {
  let line = 1
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const end = bytes.length - incompleteBytes(bytes)
    const whole = bytes.subarray(0, end)
    if (!isUtf8(whole)) {
      problems.add(notUtf8(line === 1 ? whole : undefined), line + validLines(whole), 'line')
      throw new StopReading()
    }
    yield whole
    line += countLines(whole)
    rest = bytes.subarray(end)
  }
  if (rest.length > 0) {
    problems.add(notUtf8(undefined), line, 'line')
    throw new StopReading()
  }
}

/** The message for invalid UTF-8. `start`: the first bytes, if they are from the start of the file. */
function notUtf8(start: Buffer | undefined): string {
  const mark = start?.subarray(0, 2).toString('hex')
  const encoding =
    mark === 'fffe' || mark === 'feff' ? 'looks like UTF-16' : 'may be Windows-1252 or ISO 8859-1'
  return `is not UTF-8 (it ${encoding}): save the file as UTF-8`
}

/** The number of lines before the first line that is not UTF-8. */
function validLines(bytes: Buffer): number {
  let line = 0
  for (let from = 0; ; line += 1) {
    const end = bytes.indexOf(10, from)
    if (end === -1 || !isUtf8(bytes.subarray(from, end))) return line
    from = end + 1
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0
  for (const byte of bytes) if (byte === 10) lines += 1
  return lines
}

/** The number of bytes, up to three, of an incomplete character at the end. */
function incompleteBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}
