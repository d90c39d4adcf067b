import { dirname } from 'node:path'
import { Command, Option } from 'commander'
import type { LoadedRules } from '../../enrich/enrich.ts'
import { filesOf } from '../../enrich/lookups/load-sources.ts'
import { coverageOf } from '../../enrich/rules-tests/coverage.ts'
import { runTests } from '../../enrich/rules-tests/rules-tests.ts'
import { ConfigurationError } from '../../errors.ts'
import { readEvents } from './read-events.ts'
import { reportPretty } from './report-pretty.ts'
import { reportTap } from './report-tap.ts'
import { fileArgument, requireRules, rulesFileOr } from './rules-file.ts'
import { readTests, testsFilesOf } from './tests-files.ts'
import { watch } from './watch.ts'

interface TestOptions {
  readonly reporter: 'pretty' | 'tap'
  readonly watch?: true
  readonly coverage?: true
}

/** `rules test`: exit code 1 if a test fails. */
export const testCommand = (): Command =>
  new Command('test')
    .description('run the tests of a rules file, and of the .test.yaml file beside it')
    .addArgument(fileArgument())
    .addOption(
      new Option('--reporter <name>', 'how results are printed').choices(['pretty', 'tap']).default('pretty'),
    )
    .option('--watch', 'run them again whenever a file changes, until Ctrl+C')
    .option('--coverage', 'tell which rules no test makes match, and which attributes none expects')
    .action(async (named: string | undefined, options: TestOptions) => {
      const file = rulesFileOr(named)
      if (options.watch) await watchTests(file, options)
      else if (!(await runOnce(file, options)).passed) process.exitCode = 1
    })

interface Run {
  readonly passed: boolean
  /** The files of its tables, each with its `fileVersion` before it was read. */
  readonly tables: ReadonlyMap<string, string>
}

async function runOnce(file: string, { reporter, coverage }: TestOptions): Promise<Run> {
  const { loaded } = await requireRules(file)
  try {
    const tests = await readTests({ file, loaded })
    const results = runTests({ loaded, tests, readEvents })
    const { rules } = loaded.compiled
    const report = (reporter === 'tap' ? reportTap : reportPretty)({
      results,
      coverage: coverage && coverageOf(loaded.compiled, results),
      rulesThatSet: (attribute) =>
        rules.filter(({ set }) => set.some((each) => each.attribute === attribute)).map(({ name }) => name),
    })
    process.stdout.write(tests.length === 0 && reporter === 'pretty' ? withoutTests(file) : report)
    return {
      passed: results.every(({ passed }) => passed),
      tables: tablesOf(loaded, file),
    }
  } finally {
    loaded.rules.close()
  }
}

function tablesOf({ document, versions }: LoadedRules, file: string): ReadonlyMap<string, string> {
  const [, ...ofTables] = versions.split(' ')
  return new Map(filesOf(document.lookups, dirname(file)).map((path, index) => [path, ofTables[index] ?? '']))
}

const withoutTests = (file: string): string =>
  `${file} has no tests: write some below "tests:", there or in ${testsFilesOf(file)[0]}\n`

async function watchTests(file: string, options: TestOptions): Promise<void> {
  const own = [file, ...testsFilesOf(file)]
  let tables: ReadonlyMap<string, string> = new Map()
  await watch(own, async () => {
    try {
      tables = (await runOnce(file, options)).tables
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      process.stderr.write(
        `${error.message}\n${error.problems.map((problem) => `  - ${problem}\n`).join('')}`,
      )
    }
    if (options.reporter === 'pretty') process.stdout.write('\nWaiting for changes. Stop with Ctrl+C.\n')
    return tables
  })
}
