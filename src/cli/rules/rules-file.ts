import { readFile } from 'node:fs/promises'
import { Argument } from 'commander'
import { loadEnvFile, readPaths } from '../../config/config.ts'
import { ConfigurationError } from '../../errors.ts'
import type { LookupDeps } from '../../rules/load-rules.ts'
import { type LoadedRules, loadRules } from '../../rules/load-rules.ts'

export interface RulesFile {
  readonly file: string
  readonly text: string
  readonly loaded: LoadedRules
}

export const fileArgument = (): Argument =>
  new Argument('[file]', 'the rules file (default: RULES_FILE, else ./rules.yaml)')

/** Defaults to the file that the service would load. */
export function resolveRulesFile(named: string | undefined): string {
  if (named !== undefined) return named
  loadEnvFile()
  return readPaths().rulesFile
}

/** Throws `ConfigurationError` with all mistakes in the file. */
export async function loadRulesFile(file: string, deps?: LookupDeps): Promise<RulesFile> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text !== undefined && isBlank(text))
    throw new ConfigurationError(`${file} is empty`, [
      'start it with "version: 1", then "rules:" and a list of rules, each with name, on and set',
    ])
  const loaded = await loadRules(file, deps)
  if (loaded.kind === 'invalid')
    throw new ConfigurationError(`${file} is not valid`, withTestFileHint(loaded.problems, file))
  return { file, text: text ?? '', loaded }
}

const isBlank = (text: string): boolean =>
  text.split('\n').every((line) => line.trim() === '' || line.trimStart().startsWith('#'))

const withTestFileHint = (problems: readonly string[], file: string): readonly string[] =>
  /\.test\.ya?ml$/.test(file)
    ? [
        ...problems,
        `${file} looks like a test file: name the rules file instead, the command finds the test file beside it`,
      ]
    : problems
