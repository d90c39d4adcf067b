import { readFile } from 'node:fs/promises'
import { Argument } from 'commander'
import { loadEnvFile, readPaths } from '../../config/config.ts'
import { ConfigurationError, systemCodeOf } from '../../errors.ts'
import type { LookupDeps } from '../../rules/load-rules.ts'
import { type LoadedRules, loadRules, printProblem } from '../../rules/load-rules.ts'
import { type DocumentTest, parseTestsDocument, testsOf } from '../../rules-tooling/tests/tests-document.ts'

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

/** The possible test files of `vip.yaml`: `vip.test.yaml` and `vip.test.yml`. */
export function testFilesOf(rulesFile: string): readonly string[] {
  const base = rulesFile.replace(/\.(ya?ml|json)$/i, '')
  return [`${base}.test.yaml`, `${base}.test.yml`]
}

/** The tests of a rules file, then of its test files. Throws `ConfigurationError` with all mistakes in a file. */
export async function readTests({
  file,
  loaded,
}: Pick<RulesFile, 'file' | 'loaded'>): Promise<readonly DocumentTest[]> {
  const tests = [...testsOf(loaded.document, file)]
  for (const name of testFilesOf(file)) tests.push(...(await readTestFile(name)))
  return tests
}

async function readTestFile(file: string): Promise<readonly DocumentTest[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = systemCodeOf(error, 'unreadable')
    if (code === 'ENOENT') return []
    throw new ConfigurationError(`${file} cannot be read`, [code])
  }
  const parsed = parseTestsDocument(text)
  const problems = parsed.kind === 'invalid' ? parsed.problems : parsed.document.problems
  if (parsed.kind === 'invalid' || problems.length > 0)
    throw new ConfigurationError(
      `${file} is not valid`,
      problems.map((problem) => printProblem(problem, text, file)),
    )
  return testsOf(parsed.document, file)
}
