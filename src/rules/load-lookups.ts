import { resolve } from 'node:path'
import { loadFileTable } from '../lookups/file-table.ts'
import { fileVersion } from '../lookups/file-version.ts'
import { createHttpTable, type HttpTableDependencies } from '../lookups/http-table.ts'
import type { LookupDefinition } from '../lookups/lookup-schema.ts'
import { sourceOf, type TableSource } from '../lookups/tables.ts'
import type { RulesDocument, RulesProblem } from './file/document.ts'

export type SourcesDeps = Omit<HttpTableDependencies, 'folder'>

export interface Sources {
  /** Those with problems are empty, so that expressions that use them are not told as mistakes too. */
  readonly sources: ReadonlyMap<string, TableSource>
  readonly problems: readonly RulesProblem[]
  /** As the files were before they were read; change with them. */
  readonly versions: readonly string[]
}

/** Loads the tables of a rules file, one after the other, from the folder it stands in. */
export async function loadSources(
  { lookups, problem }: RulesDocument,
  folder: string,
  deps: SourcesDeps,
): Promise<Sources> {
  const versions = await Promise.all(filesOf(lookups, folder).map(fileVersion))
  const sources = new Map<string, TableSource>()
  const problems: RulesProblem[] = []
  for (const [name, definition] of lookups) {
    sources.set(name, await load(name, definition))
  }
  return { sources, problems, versions }

  async function load(name: string, definition: LookupDefinition): Promise<TableSource> {
    if (definition.kind === 'http') return createHttpTable(definition.lookup, { ...deps, folder })
    const { file } = definition.lookup
    const result = await loadFileTable(definition.lookup, folder)
    if (result.kind === 'ok') return sourceOf(result.table)
    for (const { message, line, row } of result.problems) {
      const place = `${file}${line === undefined ? '' : `:${line}`}${row === undefined ? '' : ` row ${row}`}`
      problems.push(problem(['lookups', name, 'file'], `${place} ${message}`))
    }
    return sourceOf({ columns: undefined, size: 0, get: () => undefined })
  }
}

/** The files the tables are read from, as absolute paths. */
export const filesOf = (lookups: RulesDocument['lookups'], folder: string): readonly string[] =>
  [...lookups.values()].flatMap((definition) =>
    definition.kind === 'file' ? [resolve(folder, definition.lookup.file)] : [],
  )
