import type { TestResult } from '../../rules-tooling/tests/run-tests.ts'
import { formatFailures, formatReasons } from './format-test-failure.ts'
import type { LocatedTest } from './test-files.ts'
import { formatCoverage, formatSummary, locationOf, type TestReport } from './test-report.ts'

/** TAP version 14, https://testanything.org/tap-version-14-specification.html */
export function reportTap(report: TestReport): string {
  const { results, coverage } = report
  return [
    'TAP version 14',
    `1..${results.length}`,
    ...results.flatMap((result, index) => resultLines(result, index + 1, report)),
    `# ${formatSummary(results)}`,
    ...(coverage === undefined ? [] : formatCoverage(coverage).map((line) => `# ${oneLine(line)}`)),
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
  // JSON strings are valid YAML.
  const list = (name: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`  ${name}:`, ...lines.map((line) => `    - ${JSON.stringify(line)}`)]
  return [
    point,
    '  ---',
    `  at: ${JSON.stringify(locationOf(test))}`,
    ...list('failures', formatFailures(result)),
    ...list('reasons', formatReasons(result, rulesThatSet)),
    '  ...',
  ]
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** An unescaped `#` starts a directive. */
const escaped = (name: string): string => oneLine(name).replaceAll(/[\\#]/g, '\\$&')
