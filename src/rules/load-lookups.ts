import { resolve } from 'node:path'
import { loadFileTable } from '../lookups/file-table.ts'
import { fileVersion } from '../lookups/file-version.ts'
import { createHttpTable, type HttpTableDependencies } from '../lookups/http-table.ts'
import type { LookupDefinition } from '../lookups/lookup-schema.ts'
import { sourceOf, type TableSource } from '../lookups/tables.ts'
import type { RulesDocument, RulesProblem } from './file/document.ts'

export type LookupDeps = Omit<HttpTableDependencies, 'folder'>

export interface LoadedLookups {
  /** A table with problems is an empty source, so that expressions that use it cause no further problems. */
  readonly sources: ReadonlyMap<string, TableSource>
  readonly problems: readonly RulesProblem[]
  /** `fileVersion` of each table file, taken before the file was read. */
  readonly versions: readonly string[]
}

/** Loads the tables of a rules file, one after the other. `folder`: of the rules file. */
export async function loadLookups(
  { lookups, problem }: RulesDocument,
  folder: string,
  deps: LookupDeps,
): Promise<LoadedLookups> {
  const versions = await Promise.all(lookupFilesOf(lookups, folder).map(fileVersion))
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
      const location = `${file}${line === undefined ? '' : `:${line}`}${row === undefined ? '' : ` row ${row}`}`
      problems.push(problem(['lookups', name, 'file'], `${location} ${message}`))
    }
    return sourceOf({ columns: undefined, size: 0, get: () => undefined })
  }
}

/** The table files as absolute paths. */
export const lookupFilesOf = (lookups: RulesDocument['lookups'], folder: string): readonly string[] =>
  [...lookups.values()].flatMap((definition) =>
    definition.kind === 'file' ? [resolve(folder, definition.lookup.file)] : [],
  )
