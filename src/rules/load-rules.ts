import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode, fileVersion } from '../lookups/file-version.ts'
import { createTables, type TableSource } from '../lookups/tables.ts'
import { explainFileError } from '../values/file-error.ts'
import { createRuleSet, type RuleSet } from './evaluate.ts'
import { type Compiled, compileRules } from './file/compile.ts'
import { parseRulesDocument, type RulesDocument, type RulesProblem } from './file/document.ts'
import { type LookupDeps, loadLookups } from './load-lookups.ts'

export type RulesResult =
  | ({ readonly kind: 'ok' } & LoadedRules)
  /** Texts for a person: `file:line:column path message`, then the line of the file. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

export interface LoadedRules {
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

const defaults: LookupDeps = { now: () => performance.now(), random: Math.random }

/** Reads and compiles a rules file and loads its tables. Reports all mistakes at once; never throws for a bad file. */
export async function loadRules(file: string, deps: LookupDeps = defaults): Promise<RulesResult> {
  let text: string
  const version = await fileVersion(file)
  try {
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    const code = errorCode(error)
    return {
      kind: 'invalid',
      problems: [
        `${file}: cannot be read (${code})${explainFileError(code)}. Check RULES_FILE, or the name in the command`,
      ],
    }
  }
  const parsed = parseRulesDocument(text)
  if (parsed.kind === 'invalid') return invalid(parsed.problems, text, file)
  const { sources, problems, versions } = await loadLookups(parsed.document, dirname(file), deps)
  const result = compileDocument({
    document: parsed.document,
    text,
    file,
    sources,
    problems,
    version,
    versions,
  })
  if (result.kind === 'invalid') for (const source of sources.values()) source.close()
  return result
}

/** Compiles the text of a rules file without its tables. */
export function compileRulesText(text: string, file: string): RulesResult {
  const parsed = parseRulesDocument(text)
  if (parsed.kind === 'invalid') return invalid(parsed.problems, text, file)
  const { document } = parsed
  return compileDocument({
    document,
    text,
    file,
    sources: new Map(),
    problems: [],
    version: '',
    versions: [],
  })
}

interface RulesInput {
  readonly document: RulesDocument
  readonly text: string
  readonly file: string
  readonly sources: ReadonlyMap<string, TableSource>
  readonly problems: readonly RulesProblem[]
  readonly version: string
  readonly versions: readonly string[]
}

function compileDocument({
  document,
  text,
  file,
  sources,
  problems,
  version: ownVersion,
  versions,
}: RulesInput): RulesResult {
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
    rules: createRuleSet({ ...compiled, tables, version }),
    versions: [ownVersion, ...versions].join(' '),
    document,
    compiled,
    tables: sources,
    withTables: (others) =>
      createRuleSet({ ...compiled, tables: createTables(new Map([...sources, ...others])), version }),
  }
}

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
