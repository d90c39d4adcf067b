import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { explainFileError } from '../values/messages.ts'
import { errorCode, fileVersion } from './file-version.ts'
import { type FileFormat, type FileLookup, formatOf } from './lookup-schema.ts'
import { createProblems, type Problems, type TableProblem } from './problems.ts'
import { readCsv } from './read-csv.ts'
import { readJson } from './read-json.ts'
import { readYaml } from './read-yaml.ts'
import type { Table } from './table.ts'
import type { TableBuilder } from './table-builder.ts'
import { StopReading, utf8Chunks } from './utf8-chunks.ts'

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
    if (error instanceof Error && 'code' in error)
      problems.add(
        `cannot be read (${errorCode(error)})${explainFileError(errorCode(error))}; relative paths start at ${folder}`,
      )
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
        return await readJson((await whole(chunks, found.size)).toString(), key, problems)
      case 'yaml':
        return await readYaml((await whole(chunks, found.size)).toString(), key, problems)
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

async function whole(chunks: AsyncIterable<Buffer>, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size)
  let length = 0
  for await (const chunk of chunks) length += chunk.copy(bytes, length)
  return bytes.subarray(0, length)
}
