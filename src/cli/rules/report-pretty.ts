import { styleText } from 'node:util'
import type { TestResult } from '../../enrich/rules-tests/rules-tests.ts'
import { failuresInWords, reasonsInWords } from './test-failure.ts'
import { coverageInWords, placeOf, summaryInWords, type TestReport } from './test-report.ts'
import type { LocatedTest } from './tests-files.ts'

/** For people: a line for each test; below those that failed what is wrong, and why. */
export function reportPretty(report: TestReport): string {
  const { results, coverage } = report
  const files = new Set(results.map(({ test }) => test.file))
  const lines = [...files].flatMap((file) => [
    file,
    ...results.filter(({ test }) => test.file === file).flatMap((result) => resultLines(result, report)),
    '',
  ])
  const [coverageSummary, ...gaps] = coverage === undefined ? [] : coverageInWords(coverage)
  return [
    ...lines,
    summaryInWords(results),
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
          placeOf(test),
          ...failuresInWords(result),
          ...reasonsInWords(result, rulesThatSet).map((reason) => `  ${reason}`),
        ])),
    ...indented(notes.map((note) => `note: ${note}`)),
  ]
}

/** Only where the output is a terminal. */
const colour = (name: 'green' | 'red', text: string): string =>
  styleText(name, text, { stream: process.stdout })
