import type { Expressions } from '../../cel/expressions.ts'
import { type Conjunct, conjunctsOf } from '../../cel/syntax/conjuncts.ts'
import { tokensOf } from '../../cel/syntax/tokens.ts'
import { eventTypes } from '../../event.ts'
import { constantValue, type Demand, demandOf, isConstant } from './demands.ts'
import { canCarry } from './listening.ts'

export interface NeverTrue {
  readonly message: string
  /** Characters from the start of the condition. */
  readonly offset: number
}

interface Surroundings {
  readonly expressions: Expressions
  /** What the rule listens to. */
  readonly on: readonly string[]
}

interface Demanding extends Demand {
  readonly part: Conjunct
}

/**
 * Why a valid condition cannot be true for any event: a part of it is false by itself, two parts exclude each other, or
 * it asks for a type or topic that the rule does not listen to. Undefined: nothing like that was found, which is no proof.
 */
export function whyNeverTrue(source: string, { expressions, on }: Surroundings): NeverTrue | undefined {
  const demands: Demanding[] = []
  for (const part of conjunctsOf(source)) {
    if (isConstant(tokensOf(part.source))) {
      if (constantValue(part.source, expressions) === true) continue
      return { message: 'is never true', offset: part.offset }
    }
    const demand = demandOf(part.source, expressions)
    if (demand === undefined) continue
    const excluded = demands.find((earlier) => exclude(earlier, demand))
    if (excluded !== undefined)
      return {
        message: `${part.source} excludes ${excluded.part.source}, which stands before it`,
        offset: part.offset,
      }
    demands.push({ ...demand, part })
  }
  return demands.map(ofNoType).find((found) => found !== undefined) ?? notListenedTo(demands, on)
}

/** Whether no value fulfils both. */
function exclude(one: Demand, other: Demand): boolean {
  if (one.variable !== other.variable) return false
  const [narrow, second] = one.kind === 'one_of' ? [one, other] : [other, one]
  if (narrow.kind !== 'one_of') return false
  return narrow.values.every((value) => second.values.includes(value) === (second.kind === 'none_of'))
}

function ofNoType({ variable, kind, values, part }: Demanding): NeverTrue | undefined {
  if (variable !== 'event.type' || kind !== 'one_of') return undefined
  if (eventTypes.some((type) => values.includes(type))) return undefined
  return { message: `event.type is ${eventTypes.join(' or ')}`, offset: part.offset }
}

function notListenedTo(demands: readonly Demanding[], on: readonly string[]): NeverTrue | undefined {
  const types = demands.find(({ variable, kind }) => variable === 'event.type' && kind === 'one_of')
  const topics = demands.find(({ variable, kind }) => variable === 'event.topic' && kind === 'one_of')
  const possible = on.some((name) =>
    (types?.values ?? [undefined]).some((type) =>
      (topics?.values ?? [undefined]).some((topic) => canCarry(name, asText(type), asText(topic))),
    ),
  )
  const [part] = [topics, types].flatMap((demand) => demand?.part ?? [])
  if (possible || part === undefined) return undefined
  return {
    message: `${part.source} is never true, as the rule listens to ${on.join(', ')} only`,
    offset: part.offset,
  }
}

const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
