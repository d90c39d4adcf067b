import type { ConversationEvent } from '../../event.ts'
import type { Decision, EventFacts } from '../../rules/decision.ts'
import type { RuleSet } from '../../rules/evaluate.ts'
import type { AttributeTrace, RuleTrace } from '../../rules/trace.ts'
import { formatRuleTrace } from '../../rules/trace.ts'
import { formatEvent, quoted } from '../format.ts'

/** One event and its decision, as `rules eval --json` prints it. */
export interface Evaluation
  extends Pick<ConversationEvent, 'type' | 'topic' | 'conversationId' | 'participantId'>,
    Pick<Decision, 'needs' | 'blocked'> {
  /** Whether any rule listens to it; if not, the service answers `ignored`. */
  readonly listened: boolean
  readonly rules: readonly RuleTrace[]
  /** In the order of the rules that decide each value. Incomplete while `needs` is not empty. */
  readonly sets: readonly SetAttribute[]
  /** The mapping that read the item. */
  readonly mapping?: string
}

interface SetAttribute extends AttributeTrace {
  readonly value: string
}

/** Combines a decision with its explanation. */
export function toEvaluation(
  rules: RuleSet,
  event: ConversationEvent,
  facts: EventFacts,
  { changes, needs, blocked }: Decision,
): Evaluation {
  const { type, topic, conversationId, participantId } = event
  const trace = rules.explain(event, facts)
  return {
    type,
    ...(topic !== undefined && { topic }),
    conversationId,
    ...(participantId !== undefined && { participantId }),
    listened: rules.subscribes(event),
    rules: trace.rules,
    sets: trace.attributes.flatMap((last): SetAttribute[] => {
      const change = changes.find((each) => each.participantId === last.participantId)
      const value = change?.attributes[last.attribute]
      return value === undefined ? [] : [{ ...last, value }]
    }),
    needs,
    blocked,
  }
}

/** The output of `rules eval` for one event, line by line. */
export function formatEvaluation(event: Evaluation): readonly string[] {
  const { conversationId, mapping, listened, rules, sets, needs } = event
  const title = `${formatEvent(event)}${mapping === undefined ? '' : `, read by mapping ${quoted(mapping)}`}`
  if (!listened) return [title, '  No rule listens to it: the service would answer "ignored".']
  return [
    title,
    ...rules.flatMap((rule) => formatRuleTrace(rule, event)).map((line) => `  ${line}`),
    ...needs.map((need) =>
      need.kind === 'conversation'
        ? `  The service would read conversation ${conversationId} from Genesys Cloud. Pass its participants with --participants.`
        : `  The service would look up ${quoted(need.key)} in ${quoted(need.table)}.`,
    ),
    ...(needs.length > 0 ? ['  Nothing is set until then.'] : formatSets(sets)),
  ]
}

function formatSets(sets: Evaluation['sets']): readonly string[] {
  if (sets.length === 0) return ['  Sets nothing.']
  const participants = new Set(sets.map(({ participantId }) => participantId))
  return [...participants].flatMap((participantId) => [
    participantId === ''
      ? '  Would set, but the event has no participant id:'
      : `  Sets on participant ${participantId}:`,
    ...sets
      .filter((set) => set.participantId === participantId)
      .map(({ attribute, value, rule, overruled }) => {
        const over = overruled.length === 0 ? '' : `, overrides ${overruled.map(quoted).join(', ')}`
        return `    ${attribute} = ${quoted(value)} (rule ${quoted(rule)}${over})`
      }),
  ])
}
