import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode, fileVersion } from '../lookups/file-version.ts'
import { createTables, type TableSource } from '../lookups/tables.ts'
import { explainFileError } from '../values/file-error.ts'
import { createRuleSet, type RuleSet } from './evaluate.ts'
import { type Compiled, compileRules } from './file/compile.ts'
import { parseRulesDocument, type RulesDocument, type RulesProblem } from './file/document.ts'
import { loadSources, type SourcesDeps } from './load-lookups.ts'

export type RulesResult =
  | ({ readonly kind: 'ok' } & LoadedRules)
  /** Lines for a person: `file:line:column path: message`, each followed by the line of the file. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

export interface LoadedRules {
  readonly rules: RuleSet
  /** `fileVersion` of the rules file and of its tables, as they were before they were read. */
  readonly versions: string
  /** What else the file holds. */
  readonly document: RulesDocument
  readonly compiled: Compiled
  /** The tables, by name. */
  readonly tables: ReadonlyMap<string, TableSource>
  /** The same rules with other tables in place of those of that name: for tests. */
  with(sources: ReadonlyMap<string, TableSource>): RuleSet
}

const defaults: SourcesDeps = { now: () => performance.now(), random: Math.random }

/** Reads and compiles a rules file and loads its tables. Reports every mistake at once; never throws for a bad file. */
export async function loadRules(file: string, deps: SourcesDeps = defaults): Promise<RulesResult> {
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
  const { sources, problems, versions } = await loadSources(parsed.document, dirname(file), deps)
  const result = finish({ document: parsed.document, text, file, sources, problems, version, versions })
  if (result.kind === 'invalid') for (const source of sources.values()) source.close()
  return result
}

/** The same for a text without tables. */
export function compileRulesText(text: string, file: string): RulesResult {
  const parsed = parseRulesDocument(text)
  if (parsed.kind === 'invalid') return invalid(parsed.problems, text, file)
  const { document } = parsed
  return finish({ document, text, file, sources: new Map(), problems: [], version: '', versions: [] })
}

interface Parts {
  readonly document: RulesDocument
  readonly text: string
  readonly file: string
  readonly sources: ReadonlyMap<string, TableSource>
  readonly problems: readonly RulesProblem[]
  readonly version: string
  readonly versions: readonly string[]
}

function finish({
  document,
  text,
  file,
  sources,
  problems,
  version: ownVersion,
  versions,
}: Parts): RulesResult {
  const tables = createTables(sources)
  // Those with mistakes too, so that using them is told as no mistake of its own.
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
    with: (others) =>
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
