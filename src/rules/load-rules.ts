import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { systemCodeOf } from '../errors.ts'
import { loadFileTable } from '../lookups/file-table.ts'
import { fileVersion } from '../lookups/file-version.ts'
import { createHttpTable, type HttpTableDependencies } from '../lookups/http-table.ts'
import type { LookupDefinition } from '../lookups/lookup-schema.ts'
import { createTables, inMemorySource, type TableSource } from '../lookups/tables.ts'
import { explainFileError } from '../values/messages.ts'
import { createRuleSet, type RuleSet } from './evaluate.ts'
import { type Compiled, compileRules } from './file/compile.ts'
import { parseRulesDocument, type RulesDocument, type RulesProblem } from './file/document.ts'

export type RulesResult =
  | ({ readonly kind: 'ok' } & LoadedRules)
  /** Texts for a person: `file:line:column path message`, then the line of the file. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

export interface LoadedRules {
  /** Of the rules file. */
  readonly text: string
  readonly rules: RuleSet
  /** `fileVersion` of the rules file and of its table files, taken before they were read. */
  readonly versions: string
  readonly document: RulesDocument
  readonly compiled: Compiled
  /** By name. */
  readonly tables: ReadonlyMap<string, TableSource>
  /** For tests: the same rules, with these tables in place of those with the same name. */
  withTables(sources: ReadonlyMap<string, TableSource>): RuleSet
}

export interface LookupDeps extends Omit<HttpTableDependencies, 'folder' | 'onFailure'> {
  /** Called for each HTTP table; records its failed lookups. */
  readonly failuresOf?: (table: string) => NonNullable<HttpTableDependencies['onFailure']>
}

export const lookupDefaults: LookupDeps = { now: () => performance.now(), random: Math.random }

/** Reads and compiles a rules file and loads its tables. Reports all mistakes at once; never throws for a bad file. */
export async function loadRules(file: string, deps: LookupDeps = lookupDefaults): Promise<RulesResult> {
  let text: string
  const version = await fileVersion(file)
  try {
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    const code = systemCodeOf(error, 'unreadable')
    const problem = `${file}: cannot be read (${code})${explainFileError(code)}. Check RULES_FILE, or the name in the command`
    return { kind: 'invalid', problems: [problem] }
  }
  const parsed = parseRulesDocument(text)
  if (parsed.kind === 'invalid') return invalid(parsed.problems, text, file)
  const lookups = await loadLookups(parsed.document, dirname(file), deps)
  const result = compileDocument(parsed.document, text, file, lookups, version)
  if (result.kind === 'invalid') for (const source of lookups.sources.values()) source.close()
  return result
}

/** Compiles the text of a rules file with these tables, by name. Reads no file and makes no call, whatever its lookups say. */
export function compileRulesText(
  text: string,
  file: string,
  tables: ReadonlyMap<string, TableSource> = new Map(),
): RulesResult {
  const parsed = parseRulesDocument(text)
  if (parsed.kind === 'invalid') return invalid(parsed.problems, text, file)
  return compileDocument(parsed.document, text, file, { sources: tables, problems: [], versions: [] })
}

function compileDocument(
  document: RulesDocument,
  text: string,
  file: string,
  { sources, problems, versions }: LoadedLookups,
  versionOfFile = '',
): RulesResult {
  const tables = createTables(sources)
  // Includes the names of tables with mistakes, so that using them is not a second mistake.
  const names = document.lookupNames.map((name) => [name, { columns: undefined }] as const)
  const compiled = compileRules(document, new Map([...names, ...tables.known]))
  const all = [...document.problems, ...problems, ...compiled.problems]
  if (all.length > 0) return invalid(all, text, file)
  const version = createHash('sha256')
    .update(JSON.stringify([text, versions]))
    .digest('hex')
    .slice(0, 12)
  return {
    kind: 'ok',
    text,
    rules: createRuleSet(compiled, tables, version),
    versions: [versionOfFile, ...versions].join(' '),
    document,
    compiled,
    tables: sources,
    withTables: (others) => createRuleSet(compiled, createTables(new Map([...sources, ...others])), version),
  }
}

interface LoadedLookups {
  /** A table with problems is an empty source, so that expressions that use it cause no further problems. */
  readonly sources: ReadonlyMap<string, TableSource>
  readonly problems: readonly RulesProblem[]
  /** `fileVersion` of each table file, taken before the file was read. */
  readonly versions: readonly string[]
}

/** Loads the tables of a rules file, one after the other. `folder`: of the rules file. */
async function loadLookups(
  { lookups, problem }: RulesDocument,
  folder: string,
  { failuresOf, ...deps }: LookupDeps,
): Promise<LoadedLookups> {
  const versions = await Promise.all(lookupFilesOf(lookups, folder).map(fileVersion))
  const sources = new Map<string, TableSource>()
  const problems: RulesProblem[] = []
  for (const [name, definition] of lookups) sources.set(name, await load(name, definition))
  return { sources, problems, versions }

  async function load(name: string, definition: LookupDefinition): Promise<TableSource> {
    if (definition.kind === 'http') {
      const onFailure = failuresOf?.(name)
      return createHttpTable(definition.lookup, { ...deps, folder, ...(onFailure && { onFailure }) })
    }
    const { file } = definition.lookup
    const result = await loadFileTable(definition.lookup, folder)
    if (result.kind === 'ok') return inMemorySource(result.table)
    for (const { message, line, row } of result.problems) {
      const location = `${file}${line === undefined ? '' : `:${line}`}${row === undefined ? '' : ` row ${row}`}`
      problems.push(problem(['lookups', name, 'file'], `${location} ${message}`))
    }
    return inMemorySource({ columns: undefined, size: 0, get: () => undefined })
  }
}

/** The table files as absolute paths. */
export const lookupFilesOf = (lookups: RulesDocument['lookups'], folder: string): readonly string[] =>
  [...lookups.values()].flatMap((definition) =>
    definition.kind === 'file' ? [resolve(folder, definition.lookup.file)] : [],
  )

function invalid(problems: readonly RulesProblem[], text: string, file: string): RulesResult {
  const inOrder = problems.toSorted((one, other) => one.line - other.line || one.column - other.column)
  return { kind: 'invalid', problems: inOrder.map((problem) => printProblem(problem, text, file)) }
}

export function printProblem(
  { line, column, path, message }: RulesProblem,
  text: string,
  file: string,
): string {
  const source = text.split('\n')[line - 1]?.trimEnd() ?? ''
  return `${file}:${line}:${column} ${path === '' ? '' : `${path} `}${message}\n    ${source}\n    ${' '.repeat(column - 1)}^`
}
