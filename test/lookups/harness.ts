import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type FileTableResult, loadFileTable } from '../../src/lookups/file-table.ts'
import { fileLookupSchema } from '../../src/lookups/lookup-schema.ts'
import type { Row, Table } from '../../src/lookups/table.ts'
import { temporaryFolder } from '../helpers/folder.ts'

/** Loads a table from a file with this content; `lookup`: its definition in a rules file. */
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

/** Problems as `line: message` or `row n: message`. */
export function problemsOf(result: FileTableResult): string[] {
  assert.ok(result.kind === 'invalid', 'there should be problems')
  return result.problems.map(({ line, row, message }) =>
    line !== undefined ? `${line}: ${message}` : row !== undefined ? `row ${row}: ${message}` : message,
  )
}

/** A copy with a prototype, for comparison with a literal. */
export const plain = (row: Row | undefined): Record<string, string> | undefined => row && { ...row }
