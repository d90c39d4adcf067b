import { readFile } from 'node:fs/promises'
import { printProblem } from '../../enrich/enrich.ts'
import type { PlacedTest } from '../../enrich/rules-tests/placed-test.ts'
import { parseTestsDocument } from '../../enrich/rules-tests/tests-document.ts'
import { ConfigurationError } from '../../errors.ts'
import type { RulesFile } from './rules-file.ts'

/** A test and the file it stands in. */
export interface LocatedTest extends PlacedTest {
  readonly file: string
}

/** Where tests may stand beside `vip.yaml`: in `vip.test.yaml`. */
export function testsFilesOf(rulesFile: string): readonly string[] {
  const base = rulesFile.replace(/\.(ya?ml|json)$/i, '')
  return [`${base}.test.yaml`, `${base}.test.yml`]
}

/** The tests of a rules file, then those of the files beside it. Throws `ConfigurationError` with all their mistakes. */
export async function readTests({
  file,
  loaded,
}: Pick<RulesFile, 'file' | 'loaded'>): Promise<readonly LocatedTest[]> {
  const { document } = loaded
  const tests = document.tests.map(
    ({ test, path }): LocatedTest => ({ file, definition: test, path, document }),
  )
  for (const name of testsFilesOf(file)) tests.push(...(await readTestsFile(name)))
  return tests
}

async function readTestsFile(file: string): Promise<readonly LocatedTest[]> {
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
  return document.tests.map(({ test, path }): LocatedTest => ({ file, definition: test, path, document }))
}
