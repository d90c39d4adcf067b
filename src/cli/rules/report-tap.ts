import type { TestResult } from '../../enrich/rules-tests/rules-tests.ts'
import { failuresInWords, reasonsInWords } from './test-failure.ts'
import { coverageInWords, placeOf, summaryInWords, type TestReport } from './test-report.ts'
import type { LocatedTest } from './tests-files.ts'

/** For machines: TAP version 14 (https://testanything.org/tap-version-14-specification.html). */
export function reportTap(report: TestReport): string {
  const { results, coverage } = report
  return [
    'TAP version 14',
    `1..${results.length}`,
    ...results.flatMap((result, index) => resultLines(result, index + 1, report)),
    `# ${summaryInWords(results)}`,
    ...(coverage === undefined ? [] : coverageInWords(coverage).map((line) => `# ${oneLine(line)}`)),
    '',
  ].join('\n')
}

function resultLines(
  result: TestResult<LocatedTest>,
  number: number,
  { rulesThatSet }: TestReport,
): readonly string[] {
  const { test, passed } = result
  const point = `${passed ? 'ok' : 'not ok'} ${number} - ${escaped(test.definition.name)}`
  if (passed) return [point]
  // Quoted as JSON is, which YAML understands.
  const list = (name: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`  ${name}:`, ...lines.map((line) => `    - ${JSON.stringify(line)}`)]
  return [
    point,
    '  ---',
    `  at: ${JSON.stringify(placeOf(test))}`,
    ...list('failures', failuresInWords(result)),
    ...list('reasons', reasonsInWords(result, rulesThatSet)),
    '  ...',
  ]
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** `#` would begin a directive. */
const escaped = (name: string): string => oneLine(name).replaceAll(/[\\#]/g, '\\$&')
