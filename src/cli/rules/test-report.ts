import { styleText } from 'node:util'
import type { CompiledRule } from '../../rules/file/compile.ts'
import { formatRuleTrace } from '../../rules/trace.ts'
import type { Coverage } from '../../rules-tooling/tests/coverage.ts'
import type { Difference } from '../../rules-tooling/tests/expectations.ts'
import type { EventTrace, TestResult } from '../../rules-tooling/tests/run-tests.ts'
import type { DocumentTest } from '../../rules-tooling/tests/tests-document.ts'
import { count, formatEvent, quoted } from '../format.ts'
import { escapeControls, escapeLines } from '../output.ts'

export interface TestReport {
  readonly results: readonly TestResult[]
  readonly coverage: Coverage | undefined
  readonly rules: readonly CompiledRule[]
}

/** One line per test, then the failures and reasons of a failed test. */
export function reportPretty(report: TestReport): string {
  const { results, coverage } = report
  const files = new Set(results.map(({ test }) => test.file))
  const lines = [...files].flatMap((file) => [
    escapeControls(file),
    ...results.filter(({ test }) => test.file === file).flatMap((result) => prettyLines(result, report)),
    '',
  ])
  const covered = formatCoverage(coverage).map(escapeControls)
  return [
    ...lines,
    formatSummary(results),
    ...covered.map((line, index) => (index === 0 ? line : `  ${line}`)),
    '',
  ].join('\n')
}

function prettyLines(result: TestResult, { rules }: TestReport): readonly string[] {
  const { test, passed, notes } = result
  const mark = passed ? colour('green', '✔') : colour('red', '✖')
  const indented = (lines: readonly string[]) => lines.map((line) => `      ${escapeLines(line)}`)
  return [
    `  ${mark} ${escapeControls(test.definition.name)}`,
    ...(passed
      ? []
      : indented([
          locationOf(test),
          ...formatFailures(result),
          ...formatReasons(result, rules).map((reason) => `  ${reason}`),
        ])),
    ...indented(notes.map((note) => `note: ${note}`)),
  ]
}

/** Colours the text if standard output is a terminal. */
const colour = (name: 'green' | 'red', text: string): string =>
  styleText(name, text, { stream: process.stdout })

/** TAP version 14, https://testanything.org/tap-version-14-specification.html */
export function reportTap(report: TestReport): string {
  const { results, coverage } = report
  return [
    'TAP version 14',
    `1..${results.length}`,
    ...results.flatMap((result, index) => tapLines(result, index + 1, report)),
    `# ${formatSummary(results)}`,
    ...formatCoverage(coverage).map((line) => `# ${oneLine(line)}`),
    '',
  ].join('\n')
}

function tapLines(result: TestResult, number: number, { rules }: TestReport): readonly string[] {
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
    ...list('reasons', formatReasons(result, rules)),
    '  ...',
  ]
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** An unescaped `#` starts a directive. */
const escaped = (name: string): string => oneLine(name).replaceAll(/[\\#]/g, '\\$&')

/** `file:line:column` of a test. */
function locationOf({ file, document, path }: DocumentTest): string {
  const { line, column } = document.problem([...path, 'name'], '')
  return `${file}:${line}:${column}`
}

function formatSummary(results: readonly TestResult[]): string {
  const failed = results.filter(({ passed }) => !passed).length
  return failed === 0
    ? `${count(results.length, 'test')} passed.`
    : `${failed} of ${count(results.length, 'test')} failed.`
}

/** The summary, then one line per gap. */
function formatCoverage(coverage: Coverage | undefined): readonly string[] {
  if (coverage === undefined) return []
  const { mappings, unused, rules, unmatched, attributes, unasserted } = coverage
  const mapped = mappings === 0 ? '' : `${mappings - unused.length} of ${count(mappings, 'mapping')} used, `
  const asserted = attributes - unasserted.length
  return [
    `Coverage: ${mapped}${rules - unmatched.length} of ${count(rules, 'rule')} matched, ${asserted} of ${count(attributes, 'attribute')} expected by a test.`,
    ...unused.map((mapping) => `mapping ${quoted(mapping)}: used by no test`),
    ...unmatched.map((rule) => `rule ${quoted(rule)}: matched by no test`),
    ...unasserted
      .filter(({ rule }) => !unmatched.includes(rule))
      .map(({ rule, attribute }) => `rule ${quoted(rule)}, attribute ${attribute}: expected by no test`),
  ]
}

/** The problems and differences of a failed test, one per line. */
const formatFailures = ({ problems, differences, traces }: TestResult): readonly string[] => [
  ...problems,
  ...differences.map((difference) => formatDifference(difference, traces)),
]

function formatDifference(difference: Difference, traces: readonly EventTrace[]): string {
  const { attribute, participantId, expected, actual } = difference
  const on =
    participantId === undefined ? '' : ` on ${participantId === '' ? 'no participant' : participantId}`
  const wanted = expected === undefined ? 'expected not to be set' : `expected ${quoted(expected)}`
  const set =
    actual === undefined ? 'it is not set' : `${setterOf(difference, traces)} sets ${quoted(actual)}`
  return `${attribute}${on}: ${wanted}, but ${set}`
}

function setterOf({ attribute, participantId }: Difference, traces: readonly EventTrace[]): string {
  const last = traces
    .flatMap(({ trace }) => trace.attributes)
    .findLast(
      (each) =>
        each.attribute === attribute && (participantId === undefined || each.participantId === participantId),
    )
  return last === undefined ? 'a rule' : `rule ${quoted(last.rule)}`
}

/** The trace of each rule. Rules that do not listen to the event appear only if they set a differing attribute. */
function formatReasons(
  { problems, differences, traces }: TestResult,
  rules: TestReport['rules'],
): readonly string[] {
  if (traces.length === 0)
    return problems.length > 0 ? [] : ['no rule listens to the event: the service would ignore it']
  const differing = new Set(differences.map(({ attribute }) => attribute))
  const relevant = new Set(
    rules.filter(({ set }) => set.some(({ attribute }) => differing.has(attribute))).map(({ name }) => name),
  )
  return traces.flatMap(({ event, trace }) => {
    const shown = trace.rules.filter(({ rule, result }) => result !== 'not_listening' || relevant.has(rule))
    const lines = shown.flatMap((rule) => formatRuleTrace(rule, event))
    return traces.length === 1 ? lines : [`${formatEvent(event)}:`, ...lines.map((line) => `  ${line}`)]
  })
}
