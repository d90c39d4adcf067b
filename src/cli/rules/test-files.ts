import { readFile } from 'node:fs/promises'
import { ConfigurationError } from '../../errors.ts'
import { printProblem } from '../../rules/load-rules.ts'
import type { DocumentTest } from '../../rules-tooling/tests/document-test.ts'
import { parseTestsDocument } from '../../rules-tooling/tests/tests-document.ts'
import type { RulesFile } from './rules-file.ts'

export interface LocatedTest extends DocumentTest {
  readonly file: string
}

/** The possible test files of `vip.yaml`: `vip.test.yaml` and `vip.test.yml`. */
export function testFilesOf(rulesFile: string): readonly string[] {
  const base = rulesFile.replace(/\.(ya?ml|json)$/i, '')
  return [`${base}.test.yaml`, `${base}.test.yml`]
}

/** The tests of a rules file, then of its test files. Throws `ConfigurationError` with all mistakes in a file. */
export async function readTests({
  file,
  loaded,
}: Pick<RulesFile, 'file' | 'loaded'>): Promise<readonly LocatedTest[]> {
  const { document } = loaded
  const tests = document.tests.map((test): LocatedTest => ({ ...test, file, document }))
  for (const name of testFilesOf(file)) tests.push(...(await readTestFile(name)))
  return tests
}

async function readTestFile(file: string): Promise<readonly LocatedTest[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
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
  const { document } = parsed
  return document.tests.map((test): LocatedTest => ({ ...test, file, document }))
}
