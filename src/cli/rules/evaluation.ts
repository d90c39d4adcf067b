import type { ConversationEvent, EventType } from '../../event.ts'
import type { Decision } from '../../rules/decision.ts'
import type { RuleTrace, Trace } from '../../rules/trace.ts'

/** One event and its decision, as `rules eval --json` prints it. */
export interface Evaluation {
  readonly type: EventType
  readonly topic?: string
  readonly conversationId: string
  readonly participantId?: string
  /** The mapping that read the item. */
  readonly mapping?: string
  /** Whether any rule listens to it; if not, the service answers `ignored`. */
  readonly listened: boolean
  readonly rules: readonly RuleTrace[]
  /** In the order of the rules that decide each value. Incomplete while `needs` is not empty. */
  readonly sets: readonly SetAttribute[]
  readonly needs: Decision['needs']
  readonly blocked: Decision['blocked']
}

export interface SetAttribute {
  /** `''`: the event has no participant id. */
  readonly participantId: string
  readonly attribute: string
  readonly value: string
  readonly rule: string
  readonly overruled: readonly string[]
}

export function toEvaluation(
  { type, topic, conversationId, participantId }: ConversationEvent,
  listened: boolean,
  { changes, needs, blocked }: Decision,
  trace: Trace,
): Evaluation {
  const findValue = (participant: string, attribute: string): string | undefined =>
    changes.find((change) => change.participantId === participant)?.attributes[attribute]
  return {
    type,
    ...(topic !== undefined && { topic }),
    conversationId,
    ...(participantId !== undefined && { participantId }),
    listened,
    rules: trace.rules,
    sets: trace.attributes.flatMap((last): SetAttribute[] => {
      const value = findValue(last.participantId, last.attribute)
      return value === undefined ? [] : [{ ...last, value }]
    }),
    needs,
    blocked,
  }
}
