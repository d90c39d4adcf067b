import type { ConversationEvent } from '../event.ts'
import { type Priority, priorities } from '../inbox/inbox.ts'
import type { Tables } from '../lookups/tables.ts'
import type { Decision, EventFacts, Need, UndecidedRule } from './decision.ts'
import { createRuleInput, evaluateRule, type RuleInput } from './evaluate-rule.ts'
import type { Compiled, CompiledRule } from './file/compile.ts'
import { createMapItem, type MapItem } from './mappings/map-item.ts'
import { explain, type Trace } from './trace.ts'

/** A compiled rules file. Only `fetch` does I/O; nothing reads a clock. */
export interface RuleSet {
  /** Changes with the content of the rules file and of its table files. */
  readonly version: string
  /** In file order. */
  readonly names: readonly string[]
  /** Maps items to events. Absent: the file has no mappings. */
  readonly mapItem?: MapItem | undefined
  /** Whether any rule listens to the event's type or topic. Ignores conditions, so it is only a map lookup. */
  subscribes(event: Pick<ConversationEvent, 'type' | 'topic'>): boolean
  /** The highest priority among the rules that listen to the event. */
  priorityOf(event: Pick<ConversationEvent, 'type' | 'topic'>): Priority
  /** Never throws. For one attribute of one participant the last matching rule wins. */
  evaluate(event: ConversationEvent, facts?: EventFacts): Decision
  /** Explains the decision of each rule. Contains names and sources of expressions, never values. */
  explain(event: ConversationEvent, facts?: EventFacts): Trace
  /** Fetches the lookups that `evaluate` needs. Never rejects. */
  fetch(needs: readonly Need[]): Promise<void>
  /** Aborts running fetches. */
  close(): void
}

const noFacts: EventFacts = { participants: undefined, known: new Map(), at: 0 }

export function createRuleSet(
  { mappings, rules, expressions }: Pick<Compiled, 'mappings' | 'rules' | 'expressions'>,
  tables: Tables,
  version: string,
): RuleSet {
  const listenersOf = createListeners(rules)
  const session = tables.session()
  return {
    version,
    names: rules.map(({ name }) => name),
    mapItem: createMapItem(mappings, expressions),
    subscribes: (event) => listenersOf(event).length > 0,
    priorityOf: (event) =>
      listenersOf(event).reduce<Priority>(
        (highest, { priority }) => (priority < highest ? priority : highest),
        priorities.low,
      ),
    evaluate: (event, facts = noFacts) => combine(listenersOf(event), createRuleInput(event, facts, session)),
    explain: (event, facts = noFacts) =>
      explain(rules, listenersOf(event), createRuleInput(event, facts, tables.session())),
    fetch: (needs) => tables.fetch(needs.filter((need) => need.kind === 'lookup')),
    close: tables.close,
  }
}

function combine(rules: readonly CompiledRule[], input: RuleInput): Decision {
  // A decision has few participants, so searching a list is faster than a Map.
  const changes: { readonly participantId: string; readonly attributes: Record<string, string> }[] = []
  const matched: string[] = []
  const undecided: UndecidedRule[] = []
  const blocked: Decision['blocked'][number][] = []
  const needs: Need[] = []
  for (const rule of rules) {
    const result = evaluateRule(rule, input)
    switch (result.kind) {
      case 'matched': {
        matched.push(rule.name)
        const participantId = result.participantId ?? input.event.participantId ?? ''
        let change = changes.find((other) => other.participantId === participantId)
        if (change === undefined) {
          change = { participantId, attributes: Object.create(null) }
          changes.push(change)
        }
        for (const [attribute, value] of result.values) change.attributes[attribute] = value
        break
      }
      case 'undecided':
        undecided.push({ rule: rule.name, ...result.reason })
        break
      case 'blocked':
        blocked.push({ rule: rule.name, code: result.code })
        break
      case 'needs':
        needs.push(...result.needs)
    }
  }
  return { changes, matched, undecided, blocked, needs }
}

/** Senders choose topics, so the cache has a limit per event type. Topics beyond it are matched each time. */
const maxCachedTopics = 1_000

/** Finds the rules that listen to an event, in file order. */
export function createListeners(
  rules: readonly CompiledRule[],
): (event: Pick<ConversationEvent, 'type' | 'topic'>) => readonly CompiledRule[] {
  const byType = new Map<string, Map<string, readonly CompiledRule[]>>()
  return ({ type, topic = '' }) => {
    const byTopic = byType.get(type) ?? new Map<string, readonly CompiledRule[]>()
    byType.set(type, byTopic)
    const cached = byTopic.get(topic)
    if (cached !== undefined) return cached
    const found = rules.filter(({ on }) => on.some((name) => listensTo(name, type, topic)))
    if (byTopic.size < maxCachedTopics) byTopic.set(topic, found)
    return found
  }
}

/** `name` is a type, a topic, a wildcard for the topics below one (`user.*`), or `*` for everything. */
const listensTo = (name: string, type: string, topic: string): boolean =>
  name === type ||
  name === topic ||
  name === '*' ||
  (name.endsWith('.*') && topic.startsWith(name.slice(0, -1)))
