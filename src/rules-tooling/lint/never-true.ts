import type { Expressions } from '../../cel/expressions.ts'
import { type Conjunct, conjunctsOf, tokensOf } from '../../cel/syntax/tokens.ts'
import { eventTypes } from '../../event.ts'
import { type Constraint, constantValue, constraintOf, isConstant } from './constraints.ts'
import { subscriptionAllows } from './subscriptions.ts'

export interface NeverTrue {
  readonly message: string
  /** Characters from the start of the condition. */
  readonly offset: number
}

interface RuleContext {
  readonly expressions: Expressions
  /** `on` of the rule. */
  readonly on: readonly string[]
}

interface LocatedConstraint extends Constraint {
  readonly part: Conjunct
}

/**
 * Explains why a valid condition is false for every event: a part is false by itself, two parts exclude each other, or the
 * condition requires a type or topic that the rule does not listen to. Undefined: no reason found; the condition may still be
 * always false.
 */
export function whyNeverTrue(source: string, { expressions, on }: RuleContext): NeverTrue | undefined {
  const constraints: LocatedConstraint[] = []
  for (const part of conjunctsOf(source)) {
    if (isConstant(tokensOf(part.source))) {
      if (constantValue(part.source, expressions) === true) continue
      return { message: 'is never true', offset: part.offset }
    }
    const constraint = constraintOf(part.source, expressions)
    if (constraint === undefined) continue
    const excluded = constraints.find((earlier) => excludeEachOther(earlier, constraint))
    if (excluded !== undefined)
      return {
        message: `${part.source} excludes ${excluded.part.source} before it`,
        offset: part.offset,
      }
    constraints.push({ ...constraint, part })
  }
  return constraints.map(unknownType).find((found) => found !== undefined) ?? notListenedTo(constraints, on)
}

/** Whether no value satisfies both. */
function excludeEachOther(one: Constraint, other: Constraint): boolean {
  if (one.variable !== other.variable) return false
  const [narrow, second] = one.kind === 'one_of' ? [one, other] : [other, one]
  if (narrow.kind !== 'one_of') return false
  return narrow.values.every((value) => second.values.includes(value) === (second.kind === 'none_of'))
}

function unknownType({ variable, kind, values, part }: LocatedConstraint): NeverTrue | undefined {
  if (variable !== 'event.type' || kind !== 'one_of') return undefined
  if (eventTypes.some((type) => values.includes(type))) return undefined
  return { message: `event.type is ${eventTypes.join(' or ')}`, offset: part.offset }
}

function notListenedTo(
  constraints: readonly LocatedConstraint[],
  on: readonly string[],
): NeverTrue | undefined {
  const types = constraints.find(({ variable, kind }) => variable === 'event.type' && kind === 'one_of')
  const topics = constraints.find(({ variable, kind }) => variable === 'event.topic' && kind === 'one_of')
  const possible = on.some((name) =>
    (types?.values ?? [undefined]).some((type) =>
      (topics?.values ?? [undefined]).some((topic) => subscriptionAllows(name, asText(type), asText(topic))),
    ),
  )
  const [part] = [topics, types].flatMap((constraint) => constraint?.part ?? [])
  if (possible || part === undefined) return undefined
  return {
    message: `${part.source} is never true, because the rule listens only to ${on.join(', ')}`,
    offset: part.offset,
  }
}

const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
