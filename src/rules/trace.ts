import { withCandidate } from '../cel/context.ts'
import { type Expressions, failureCode } from '../cel/expressions.ts'
import { conjunctsOf } from '../cel/syntax/conjuncts.ts'
import type { Need } from './decision.ts'
import { ruleVerdict, type Scene } from './evaluate-rule.ts'
import type { CompiledRule } from './file/compile.ts'
import { isTrue } from './targets.ts'

/** Why each rule did what it did with one event. Names, ids and sources of expressions, never values. */
export interface Trace {
  readonly rules: readonly RuleTrace[]
  /** Which rule had the last word on each attribute, and which it overruled. */
  readonly attributes: readonly AttributeTrace[]
}

export interface RuleTrace {
  readonly rule: string
  readonly result: 'matched' | 'unmatched' | 'undecided' | 'needs' | 'blocked' | 'not_listening'
  /** The part of the condition that was not true first, as it is written. */
  readonly because?: string
  /** Why that part, or a value, could not be decided; why the rule is blocked. */
  readonly code?: string
  /** What has to be fetched first. */
  readonly needs?: readonly string[]
  /** Of a rule with a target: the participants in the order in which they were looked at. */
  readonly candidates?: readonly CandidateTrace[]
  /** Names of attributes. */
  readonly sets?: readonly string[]
  /** Whom they are set on, where that is not the participant of the event. */
  readonly participantId?: string
}

export interface CandidateTrace {
  readonly id: string
  readonly purpose: string | undefined
  readonly state: 'connected' | 'ended' | 'not_connected'
  readonly fits: boolean
}

export interface AttributeTrace {
  /** `''`: the event names none. */
  readonly participantId: string
  readonly attribute: string
  readonly rule: string
  readonly overruled: readonly string[]
}

export interface TraceInput {
  readonly rules: readonly CompiledRule[]
  readonly relevant: readonly CompiledRule[]
  readonly scene: Scene
  readonly expressions: Expressions
}

export function explain({ rules, relevant, scene, expressions }: TraceInput): Trace {
  const listening = new Set(relevant)
  const traces = rules.map((rule): RuleTrace => {
    if (!listening.has(rule)) return { rule: rule.name, result: 'not_listening' }
    const verdict = ruleVerdict(rule, scene)
    const candidates = candidatesFor(rule, scene)
    const common = { rule: rule.name, result: verdict.kind, ...(candidates && { candidates }) }
    switch (verdict.kind) {
      case 'matched':
        return {
          ...common,
          sets: verdict.values.map(([attribute]) => attribute),
          ...(verdict.participantId !== undefined && { participantId: verdict.participantId }),
        }
      case 'needs':
        return { ...common, needs: verdict.needs.map(nameOf) }
      case 'blocked':
        return { ...common, code: verdict.code }
      case 'undecided':
        return { ...common, ...firstUntrue(rule, scene, expressions), code: verdict.code }
      default:
        return { ...common, ...firstUntrue(rule, scene, expressions) }
    }
  })
  return { rules: traces, attributes: attributesOf(traces, scene.event.participantId ?? '') }
}

const nameOf = (need: Need): string => (need.kind === 'lookup' ? `lookup ${need.table}` : 'conversation')

type Untrue = Pick<RuleTrace, 'because' | 'code'>

/** The first part of the condition, of those that `&&` joins, that is not true by itself. */
function firstUntrue(rule: CompiledRule, scene: Scene, expressions: Expressions): Untrue {
  if (rule.when === undefined) return {}
  const context = scene.contextFor(rule)
  for (const { source } of conjunctsOf(rule.when.source)) {
    const compiled = expressions.compile(source)
    if (compiled.kind === 'invalid') continue
    try {
      if (compiled.expression.evaluate(context, scene.lookups) !== true) return { because: source }
    } catch (error) {
      return { because: source, code: failureCode(error) }
    }
  }
  return {}
}

function candidatesFor(rule: CompiledRule, scene: Scene): readonly CandidateTrace[] | undefined {
  const { target } = rule
  if (target === undefined || scene.participants() === undefined) return undefined
  const context = scene.contextFor(rule)
  return scene.candidates().map((candidate) => ({
    id: candidate.id,
    purpose: candidate.purpose,
    state: candidate.connected ? 'connected' : candidate.ended ? 'ended' : 'not_connected',
    fits: isTrue(target.expression, withCandidate(context, candidate), scene.lookups),
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
