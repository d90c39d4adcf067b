import { dirname } from 'node:path'
import { Command, Option } from 'commander'
import { ConfigurationError } from '../../errors.ts'
import type { LoadedRules } from '../../rules/load-rules.ts'
import { lookupFilesOf } from '../../rules/load-rules.ts'
import { coverageOf } from '../../rules-tooling/tests/coverage.ts'
import { runTests } from '../../rules-tooling/tests/run-tests.ts'
import { formatList } from '../format.ts'
import { print, printNote, printStyled } from '../output.ts'
import { progressOf } from '../progress.ts'
import { withStopSignal } from '../stop-signal.ts'
import { readEvents } from './read-events.ts'
import { fileArgument, loadRulesFile, readTests, resolveRulesFile, testFilesOf } from './rules-file.ts'
import { reportPretty, reportTap } from './test-report.ts'
import { watch } from './watch.ts'

interface TestOptions {
  readonly reporter: 'pretty' | 'tap'
  readonly watch?: true
  readonly coverage?: true
}

/** `rules test`: exit code 1 if a test fails. */
export const testCommand = (): Command =>
  new Command('test')
    .description('run the tests of a rules file and of the .test.yaml file beside it')
    .addArgument(fileArgument())
    .addOption(new Option('--reporter <name>', 'output format').choices(['pretty', 'tap']).default('pretty'))
    .option('--watch', 'rerun the tests when a file changes, until Ctrl+C')
    .option('--coverage', 'list rules that match in no test and attributes that no test expects')
    .action(async (named: string | undefined, options: TestOptions) => {
      const file = resolveRulesFile(named)
      if (options.watch) await watchTests(file, options)
      else if (!(await runOnce(file, options)).passed) process.exitCode = 1
    })

interface Run {
  readonly passed: boolean
  /** The table files with their `fileVersion` from before they were read. */
  readonly tables: ReadonlyMap<string, string>
}

async function runOnce(file: string, { reporter, coverage }: TestOptions): Promise<Run> {
  const { loaded } = await loadRulesFile(file)
  const progress = progressOf('tests run')
  try {
    const tests = await readTests({ file, loaded })
    const onTest = (run: number) => progress.update(run, tests.length)
    const results = runTests({ loaded, tests, readEvents, onTest })
    progress.clear()
    const report = (reporter === 'tap' ? reportTap : reportPretty)({
      results,
      coverage: coverage && coverageOf(loaded.compiled, results),
      rules: loaded.compiled.rules,
    })
    if (tests.length === 0 && reporter === 'pretty') print(noTestsHint(file))
    else if (reporter === 'pretty') printStyled(report)
    else print(report)
    return { passed: results.every(({ passed }) => passed), tables: tablesOf(loaded, file) }
  } finally {
    progress.clear()
    loaded.rules.close()
  }
}

function tablesOf({ document, versions }: LoadedRules, file: string): ReadonlyMap<string, string> {
  const [, ...tableVersions] = versions.split(' ')
  return new Map(
    lookupFilesOf(document.lookups, dirname(file)).map((path, index) => [path, tableVersions[index] ?? '']),
  )
}

const noTestsHint = (file: string): string =>
  `${file} has no tests: add them under "tests:" in this file or in ${testFilesOf(file)[0]}\n`

async function watchTests(file: string, options: TestOptions): Promise<void> {
  const own = [file, ...testFilesOf(file)]
  let tables: ReadonlyMap<string, string> = new Map()
  const run = async () => {
    try {
      tables = (await runOnce(file, options)).tables
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      printNote(formatList(error.message, error.problems))
    }
    if (options.reporter === 'pretty') print('\nWaiting for changes. Stop with Ctrl+C.\n')
    return tables
  }
  await withStopSignal((stopped) => watch(own, run, stopped))
}
