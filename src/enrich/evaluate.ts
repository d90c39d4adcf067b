import type { ConversationEvent } from '../event.ts'
import { type Priority, priorities } from '../inbox/inbox.ts'
import type { CompiledRule } from './compile.ts'
import { contextOf, type ExpressionContext, failureCode } from './expressions.ts'

/** What the rules decided for one event. */
export interface Decision {
  /** Attributes to set, in the text form the API demands. */
  readonly attributes: Readonly<Record<string, string>>
  /** Names of the rules that matched, in file order. */
  readonly matched: readonly string[]
  /** Rules that could not be decided, mostly since the event lacks a field they read; they count as no match. */
  readonly undecided: readonly { readonly rule: string; readonly code: string }[]
}

/** A compiled rules file: pure, without clock or I/O. */
export interface RuleSet {
  /** Whether any rule listens to the event's type or topic. One set lookup: conditions are not looked at. */
  subscribes(event: Pick<ConversationEvent, 'type' | 'topic'>): boolean
  /** The highest priority among the rules that listen to the event. */
  priorityOf(event: ConversationEvent): Priority
  /** Never throws. For one attribute the last matching rule wins. */
  evaluate(event: ConversationEvent): Decision
}

export function createRuleSet(rules: readonly CompiledRule[]): RuleSet {
  const listeners = new Map<string, CompiledRule[]>()
  for (const name of new Set(rules.flatMap((rule) => rule.on))) {
    listeners.set(
      name,
      rules.filter((rule) => rule.on.includes(name)),
    )
  }
  const relevant = ({ type, topic }: ConversationEvent): readonly CompiledRule[] => {
    const byType = listeners.get(type)
    const byTopic = topic === undefined ? undefined : listeners.get(topic)
    if (byType === undefined || byTopic === undefined) return byType ?? byTopic ?? []
    return rules.filter((rule) => byType.includes(rule) || byTopic.includes(rule))
  }
  return {
    subscribes: ({ type, topic }) => listeners.has(type) || (topic !== undefined && listeners.has(topic)),
    priorityOf: (event) =>
      relevant(event).reduce<Priority>(
        (highest, { priority }) => (priority < highest ? priority : highest),
        priorities.low,
      ),
    evaluate: (event) => decide(relevant(event), contextOf(event)),
  }
}

function decide(rules: readonly CompiledRule[], context: ExpressionContext): Decision {
  const attributes: Record<string, string> = Object.create(null)
  const matched: string[] = []
  const undecided: { rule: string; code: string }[] = []
  for (const rule of rules) {
    try {
      if (rule.when !== undefined && rule.when.evaluate(context) !== true) continue
      // All values first: a rule whose data is incomplete sets nothing rather than half of it.
      const values = rule.set.map(({ attribute, value }) => [attribute, value.render(context)] as const)
      for (const [attribute, value] of values) attributes[attribute] = value
      matched.push(rule.name)
    } catch (error) {
      undecided.push({ rule: rule.name, code: failureCode(error) })
    }
  }
  return { attributes, matched, undecided }
}
