import type { RuleTrace } from '../../rules/trace.ts'
import { formatRuleTrace } from '../../rules/trace.ts'
import type { Difference } from '../../rules-tooling/tests/expected-attributes.ts'
import type { EventTrace, TestResult } from '../../rules-tooling/tests/run-tests.ts'
import { formatEvent, quoted } from './format.ts'

/** The problems and differences of a failed test, one per line. */
export const formatFailures = ({ problems, differences, traces }: TestResult): readonly string[] => [
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
export function formatReasons(
  { problems, differences, traces }: TestResult,
  rules: RulesThatSet,
): readonly string[] {
  if (traces.length === 0)
    return problems.length > 0 ? [] : ['no rule listens to the event: the service would ignore it']
  const relevant = new Set(differences.flatMap(({ attribute }) => rules(attribute)))
  return traces.flatMap(({ event, trace }) => {
    const shown = trace.rules.filter(({ rule, result }) => result !== 'not_listening' || relevant.has(rule))
    const lines = shown.flatMap((rule: RuleTrace) => formatRuleTrace(rule, event))
    return traces.length === 1 ? lines : [`${formatEvent(event)}:`, ...lines.map((line) => `  ${line}`)]
  })
}

/** The names of the rules that set an attribute. */
export type RulesThatSet = (attribute: string) => readonly string[]
