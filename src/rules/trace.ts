import { withCandidate } from '../cel/context.ts'
import { type FailureReason, failureInWords, failureReason } from '../cel/expression-errors.ts'
import type { UsedName } from '../cel/names.ts'
import { conjunctsOf } from '../cel/syntax/tokens.ts'
import type { ConversationEvent } from '../event.ts'
import type { Need } from './decision.ts'
import { evaluateRule, isTrue, type RuleInput, type RuleResult } from './evaluate-rule.ts'
import type { CompiledRule } from './file/compile.ts'

/** Explains the decision for one event. Contains names, ids and sources of expressions, never values. */
export interface Trace {
  readonly rules: readonly RuleTrace[]
  /** The rule whose value counts for each attribute, and the rules that it overrules. */
  readonly attributes: readonly AttributeTrace[]
}

export interface RuleTrace {
  readonly rule: string
  readonly result: 'matched' | 'unmatched' | 'undecided' | 'needs' | 'blocked' | 'not_listening'
  /** The first part of the condition that was false, or for an undecided rule the first one that was not true, as in the file. */
  readonly because?: string
  /** Why that part or a value was undecided, or why the rule is blocked. */
  readonly code?: string
  /** The missing fields, as in the file: `event.topic`. If several values of a rule failed, those of all of them. */
  readonly missing?: readonly string[]
  /** The fields whose values the failed part cannot use, such as those of the wrong type. */
  readonly unusable?: readonly string[]
  /** The names of `let` that the rule used. Absent if it used none, or if it waits for a lookup. */
  readonly names?: readonly UsedName[]
  readonly needs?: readonly string[]
  /** For a rule with a target: the participants in order of preference. */
  readonly candidates?: readonly CandidateTrace[]
  readonly sets?: readonly string[]
  /** The participant that gets them, if it is not the participant of the event. */
  readonly participantId?: string
}

export interface CandidateTrace {
  readonly id: string
  readonly purpose?: string | undefined
  readonly state: 'connected' | 'ended' | 'not_connected'
  readonly fits: boolean
}

export interface AttributeTrace {
  /** `''`: the event has no participant. */
  readonly participantId: string
  readonly attribute: string
  readonly rule: string
  readonly overruled: readonly string[]
}

export function explain(
  rules: readonly CompiledRule[],
  relevant: readonly CompiledRule[],
  input: RuleInput,
): Trace {
  const listening = new Set(relevant)
  const traces = rules.map((rule): RuleTrace => {
    if (!listening.has(rule)) return { rule: rule.name, result: 'not_listening' }
    const result = evaluateRule(rule, input)
    const names = waits(result) ? [] : input.usedNames(rule)
    const candidates = candidatesFor(rule, input)
    const common = {
      rule: rule.name,
      result: result.kind,
      ...(names.length > 0 && { names }),
      ...(candidates && { candidates }),
    }
    switch (result.kind) {
      case 'matched':
        return {
          ...common,
          sets: result.values.map(([attribute]) => attribute),
          ...(result.participantId !== undefined && { participantId: result.participantId }),
        }
      case 'needs':
        return { ...common, needs: result.needs.map(nameOf) }
      case 'blocked':
        return { ...common, code: result.code }
      case 'undecided':
        return { ...common, ...whyUndecided(rule, input, result.reason) }
      default:
        return { ...common, ...firstFalse(rule, input) }
    }
  })
  return { rules: traces, attributes: attributesOf(traces, input.event.participantId ?? '') }
}

const waits = (result: RuleResult): boolean =>
  result.kind === 'needs' || (result.kind === 'blocked' && result.code === 'lookup_failed')

const nameOf = (need: Need): string => (need.kind === 'lookup' ? `lookup ${need.table}` : 'conversation')

type Untrue = Pick<RuleTrace, 'because'> & Partial<FailureReason>

/** `first`: the failure that ended the evaluation. The fields of other failures are added, so that the author sees all at once. */
function whyUndecided(rule: CompiledRule, input: RuleInput, first: FailureReason): Untrue {
  const { because, ...reason } = firstUntrue(rule, input)
  const others = because === undefined ? failedValues(rule, input) : [reason]
  const fields = (kind: 'missing' | 'unusable') =>
    new Set([...others, first].flatMap((failure) => failure[kind] ?? []))
  const [missing, unusable] = [[...fields('missing')], [...fields('unusable')]]
  return {
    ...(because !== undefined && { because }),
    code: first.code,
    ...(missing.length > 0 && { missing }),
    ...(unusable.length > 0 && { unusable }),
  }
}

function failedValues(rule: CompiledRule, input: RuleInput): readonly FailureReason[] {
  const context = input.contextFor(rule)
  return rule.set.flatMap(({ value }) => {
    try {
      value.render(context, input.lookups)
      return []
    } catch (error) {
      return [failureReason(error)]
    }
  })
}

const firstUntrue = (rule: CompiledRule, input: RuleInput): Untrue =>
  untrueParts(rule, input).next().value ?? {}

/** For a condition that is false: a part before may be undecided, which made no difference. */
function firstFalse(rule: CompiledRule, input: RuleInput): Untrue {
  for (const part of untrueParts(rule, input)) if (part.code === undefined) return part
  return {}
}

/** The parts of the condition joined by `&&` that are not true by themselves. Those with a code are undecided. */
function* untrueParts(rule: CompiledRule, input: RuleInput): Generator<Untrue, undefined> {
  if (rule.when === undefined) return
  const context = input.contextFor(rule)
  for (const { source } of conjunctsOf(rule.when.source)) {
    const compiled = rule.expressions.compile(source)
    if (compiled.kind === 'invalid') continue
    try {
      if (compiled.expression.evaluate(context, input.lookups) !== true) yield { because: source }
    } catch (error) {
      yield { because: source, ...failureReason(error) }
    }
  }
}

function candidatesFor(rule: CompiledRule, input: RuleInput): readonly CandidateTrace[] | undefined {
  const { target } = rule
  if (target === undefined || input.participants() === undefined) return undefined
  const context = input.contextFor(rule)
  return input.candidates().map((candidate) => ({
    id: candidate.id,
    purpose: candidate.purpose,
    state: candidate.connected ? 'connected' : candidate.ended ? 'ended' : 'not_connected',
    fits: isTrue(target, withCandidate(context, candidate), input.lookups),
  }))
}

function attributesOf(traces: readonly RuleTrace[], own: string): readonly AttributeTrace[] {
  const found = new Map<string, AttributeTrace>()
  for (const { rule, sets = [], participantId = own } of traces) {
    for (const attribute of sets) {
      const key = JSON.stringify([participantId, attribute])
      const before = found.get(key)
      const overruled = before === undefined ? [] : [...before.overruled, before.rule]
      found.set(key, { participantId, attribute, rule, overruled })
    }
  }
  return [...found.values()]
}

/** Describes the result of one rule for its author, with one line per name that it used. A rule with a target adds one line per candidate. */
export function formatRuleTrace(
  trace: RuleTrace,
  event: Pick<ConversationEvent, 'type' | 'topic'>,
): readonly string[] {
  return [
    `rule ${JSON.stringify(trace.rule)}: ${formatResult(trace, event)}`,
    ...(trace.names ?? []).map((name) => `  ${formatName(name)}`),
    ...(showsCandidates(trace) ? (trace.candidates ?? []) : []).map(
      (candidate) => `  participant ${formatCandidate(candidate)}`,
    ),
  ]
}

const showsCandidates = ({ result }: RuleTrace): boolean => result === 'matched' || result === 'blocked'

function formatResult(
  { result, because, code, missing, unusable, needs = [], sets = [], participantId }: RuleTrace,
  { type, topic }: Pick<ConversationEvent, 'type' | 'topic'>,
): string {
  const why =
    code === undefined
      ? undefined
      : failureInWords({ code, missing: missing ?? [], unusable: unusable ?? [] })
  switch (result) {
    case 'matched':
      return `matched, sets ${sets.join(', ')}${participantId === undefined ? '' : ` on ${participantId}`}`
    case 'unmatched':
      return because === undefined ? 'not matched' : `not matched: ${oneLine(because)} is false`
    case 'undecided':
      return because === undefined
        ? `undecided: ${why ?? 'unknown'}`
        : `undecided at ${oneLine(because)}: ${why ?? 'unknown'}`
    case 'needs':
      return `waits for ${[...new Set(needs)].map(formatNeed).join(', ')}`
    case 'blocked':
      return code === 'participant_not_found'
        ? 'waits: no participant matches its target'
        : 'waits: a lookup failed'
    case 'not_listening':
      return `skipped: it does not listen to ${[type, ...(topic === undefined ? [] : [topic])].join(' or ')}`
  }
}

const formatNeed = (need: string): string =>
  need === 'conversation' ? 'the conversation from Genesys Cloud' : need

const oneLine = (source: string): string => source.replaceAll(/\s*\n\s*/g, ' ')

const formatName = ({ name, code }: UsedName): string =>
  code === undefined ? `let ${name}: has a value` : `let ${name}: undecided: ${failureInWords({ code })}`

const states = { connected: 'connected', ended: 'has left', not_connected: 'not connected yet' } as const

const formatCandidate = ({ id, purpose, state, fits }: CandidateTrace): string =>
  `${id} (${purpose ?? 'no purpose'}, ${states[state]}): ${fits ? 'matches' : 'does not match'}`
