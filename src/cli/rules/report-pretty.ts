import { styleText } from 'node:util'
import type { TestResult } from '../../rules-tooling/tests/run-tests.ts'
import { formatFailures, formatReasons } from './format-test-failure.ts'
import type { LocatedTest } from './test-files.ts'
import { formatCoverage, formatSummary, locationOf, type TestReport } from './test-report.ts'

/** One line per test, then the failures and reasons of a failed test. */
export function reportPretty(report: TestReport): string {
  const { results, coverage } = report
  const files = new Set(results.map(({ test }) => test.file))
  const lines = [...files].flatMap((file) => [
    file,
    ...results.filter(({ test }) => test.file === file).flatMap((result) => resultLines(result, report)),
    '',
  ])
  const [coverageSummary, ...gaps] = coverage === undefined ? [] : formatCoverage(coverage)
  return [
    ...lines,
    formatSummary(results),
    ...(coverageSummary === undefined ? [] : [coverageSummary, ...gaps.map((gap) => `  ${gap}`)]),
    '',
  ].join('\n')
}

function resultLines(result: TestResult<LocatedTest>, { rulesThatSet }: TestReport): readonly string[] {
  const { test, passed, notes } = result
  const mark = passed ? colour('green', '✔') : colour('red', '✖')
  const indented = (lines: readonly string[]) => lines.map((line) => `      ${line}`)
  return [
    `  ${mark} ${test.definition.name}`,
    ...(passed
      ? []
      : indented([
          locationOf(test),
          ...formatFailures(result),
          ...formatReasons(result, rulesThatSet).map((reason) => `  ${reason}`),
        ])),
    ...indented(notes.map((note) => `note: ${note}`)),
  ]
}

/** Colours the text if standard output is a terminal. */
const colour = (name: 'green' | 'red', text: string): string =>
  styleText(name, text, { stream: process.stdout })
