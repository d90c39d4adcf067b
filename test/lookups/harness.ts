import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type FileTableResult, loadFileTable } from '../../src/lookups/file-table.ts'
import { fileLookupSchema } from '../../src/lookups/lookup-schema.ts'
import type { Row, Table } from '../../src/lookups/table.ts'
import { temporaryFolder } from '../helpers/folder.ts'

/** Loads a table from a file of this content, as a rules file would define it. */
export async function load(
  t: TestContext,
  content: string | Buffer,
  lookup: Readonly<Record<string, unknown>>,
): Promise<FileTableResult> {
  const definition = fileLookupSchema.parse(lookup)
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, definition.file), content)
  return loadFileTable(definition, folder)
}

export function tableOf(result: FileTableResult): Table {
  assert.ok(result.kind === 'ok', JSON.stringify(result))
  return result.table
}

/** `line: message` or `row n: message`, for comparing. */
export function problemsOf(result: FileTableResult): string[] {
  assert.ok(result.kind === 'invalid', 'there should be problems')
  return result.problems.map(({ line, row, message }) =>
    line !== undefined ? `${line}: ${message}` : row !== undefined ? `row ${row}: ${message}` : message,
  )
}

/** With a prototype, so that it can be compared with a literal. */
export const plain = (row: Row | undefined): Record<string, string> | undefined => row && { ...row }
