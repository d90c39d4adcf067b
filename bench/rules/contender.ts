import type { ConversationEvent } from '../../src/event.ts'
import type { Customers } from './customers.ts'
import type { BenchRule } from './rule.ts'

/** The decision of an event, which must be the same for all contenders. */
export interface Outcome {
  /** Names of the rules that matched, in the order of the rules. */
  readonly matched: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
}

export interface Contender {
  readonly name: string
  decide(event: ConversationEvent): Outcome | Promise<Outcome>
}

export interface Task {
  readonly rules: readonly BenchRule[]
  readonly customers: Customers
}

/** The last rule that sets an attribute wins. `matches`: in the order of the rules. */
export function outcomeOf(
  matches: readonly { readonly name: string; readonly values: Readonly<Record<string, string>> }[],
): Outcome {
  const attributes: Record<string, string> = {}
  for (const { values } of matches) Object.assign(attributes, values)
  return { matched: matches.map(({ name }) => name), attributes }
}
