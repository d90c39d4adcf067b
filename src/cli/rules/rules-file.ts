import { readFile } from 'node:fs/promises'
import { Argument } from 'commander'
import { loadEnvFile, readPaths } from '../../config/config.ts'
import { type LoadedRules, loadRules } from '../../enrich/enrich.ts'
import type { SourcesDeps } from '../../enrich/lookups/load-sources.ts'
import { ConfigurationError } from '../../errors.ts'

export interface RulesFile {
  readonly file: string
  readonly text: string
  readonly loaded: LoadedRules
}

/** Which rules file a command works on. */
export const fileArgument = (): Argument =>
  new Argument('[file]', 'the rules file (default: RULES_FILE, else ./rules.yaml)')

/** The file that was named, else the one the service would take. */
export function rulesFileOr(named: string | undefined): string {
  if (named !== undefined) return named
  loadEnvFile()
  return readPaths().rulesFile
}

/** Loads a rules file. Throws `ConfigurationError` with all its mistakes. */
export async function requireRules(file: string, deps?: SourcesDeps): Promise<RulesFile> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text !== undefined && isBlank(text))
    throw new ConfigurationError(`${file} is empty`, [
      'a rules file begins with "version: 1", then "rules:" and a list of rules, each with name, on and set',
    ])
  const loaded = await loadRules(file, deps)
  if (loaded.kind === 'invalid')
    throw new ConfigurationError(`${file} is not valid`, hinted(loaded.problems, file))
  return { file, text: text ?? '', loaded }
}

const isBlank = (text: string): boolean =>
  text.split('\n').every((line) => line.trim() === '' || line.trimStart().startsWith('#'))

const hinted = (problems: readonly string[], file: string): readonly string[] =>
  /\.test\.ya?ml$/.test(file)
    ? [...problems, `${file} looks like a file of tests: name the rules file, its tests are found beside it`]
    : problems
