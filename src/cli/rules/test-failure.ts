import type { Difference } from '../../enrich/rules-tests/expectation.ts'
import type { EventTrace, TestResult } from '../../enrich/rules-tests/rules-tests.ts'
import type { RuleTrace } from '../../enrich/trace.ts'
import { inWords } from '../../enrich/trace-words.ts'
import { eventInWords } from './event-words.ts'
import { quoted } from './words.ts'

/** What is wrong, one thing a line. */
export const failuresInWords = ({ problems, differences, traces }: TestResult): readonly string[] => [
  ...problems,
  ...differences.map((difference) => differenceInWords(difference, traces)),
]

function differenceInWords(difference: Difference, traces: readonly EventTrace[]): string {
  const { attribute, participantId, expected, actual } = difference
  const on = participantId === undefined ? '' : ` on ${participantId === '' ? 'nobody' : participantId}`
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

/** Why, rule by rule. Rules that do not listen to the event are told only if they set what is missing. */
export function reasonsInWords(
  { problems, differences, traces }: TestResult,
  rules: RulesThatSet,
): readonly string[] {
  if (traces.length === 0)
    return problems.length > 0 ? [] : ['no rule listens to the event: the service would ignore it']
  const concerned = new Set(differences.flatMap(({ attribute }) => rules(attribute)))
  return traces.flatMap(({ event, trace }) => {
    const told = trace.rules.filter(({ rule, result }) => result !== 'not_listening' || concerned.has(rule))
    const lines = told.flatMap((rule: RuleTrace) => inWords(rule, event))
    return traces.length === 1 ? lines : [`${eventInWords(event)}:`, ...lines.map((line) => `  ${line}`)]
  })
}

/** The names of the rules that set an attribute. */
export type RulesThatSet = (attribute: string) => readonly string[]
