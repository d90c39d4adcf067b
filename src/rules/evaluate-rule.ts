import { type Candidate, contextOf, type ExpressionContext } from '../cel/context.ts'
import { failureCode } from '../cel/expressions.ts'
import type { ConversationEvent, ConversationParticipant } from '../event.ts'
import type { LookupSession } from '../lookups/tables.ts'
import type { EventFacts, Need } from './decision.ts'
import type { CompiledRule } from './file/compile.ts'
import { candidatesOf, choose, participantsIn } from './targets.ts'

/** What one rule says of one event. */
export type RuleVerdict =
  | {
      readonly kind: 'matched'
      /** Whom it sets the values on; undefined: the participant of the event. */
      readonly participantId: string | undefined
      readonly values: readonly (readonly [attribute: string, value: string])[]
    }
  | { readonly kind: 'unmatched' }
  | { readonly kind: 'undecided'; readonly code: string }
  | { readonly kind: 'needs'; readonly needs: readonly Need[] }
  | { readonly kind: 'blocked'; readonly code: 'participant_not_found' | 'lookup_failed' }

/** One event and all that rules may ask about it; each thing is looked for when the first rule asks. */
export interface Scene {
  readonly event: ConversationEvent
  readonly lookups: LookupSession
  /** What expressions of this rule see. */
  contextFor(rule: CompiledRule): ExpressionContext
  /** Undefined: Genesys Cloud has to be asked. */
  participants(): readonly ConversationParticipant[] | undefined
  candidates(): readonly Candidate[]
}

export function createScene(event: ConversationEvent, facts: EventFacts, lookups: LookupSession): Scene {
  let plain: ExpressionContext | undefined
  let current: ExpressionContext | undefined
  let participants: readonly ConversationParticipant[] | undefined
  let candidates: readonly Candidate[] | undefined
  const participantsNow = () => {
    participants ??= participantsIn(event) ?? facts.participants
    return participants
  }
  return {
    event,
    lookups,
    participants: participantsNow,
    candidates: () => {
      candidates ??= candidatesOf(participantsNow() ?? [])
      return candidates
    },
    contextFor: (rule) => {
      if (rule.needsParticipant) return contextOf(asReadFrom(event, participantsNow() ?? []))
      if (rule.readsAttributes && facts.known.size > 0) {
        current ??= contextOf(asKnown(event, facts))
        return current
      }
      plain ??= contextOf(event)
      return plain
    },
  }
}

const unmatched: RuleVerdict = { kind: 'unmatched' }
const conversation: RuleVerdict = { kind: 'needs', needs: [{ kind: 'conversation' }] }

/** Never throws. An unanswered lookup makes the verdict `needs` or `blocked`, whatever else the rule says. */
export function ruleVerdict(rule: CompiledRule, scene: Scene): RuleVerdict {
  if (rule.needsParticipant && scene.participants() === undefined) return conversation
  scene.lookups.reset()
  const verdict = verdictWithoutNeeds(rule, scene)
  const { needs } = scene.lookups
  // A copy, because the session reuses its list.
  if (needs.length > 0) return { kind: 'needs', needs: [...needs] }
  return scene.lookups.failed() ? { kind: 'blocked', code: 'lookup_failed' } : verdict
}

function verdictWithoutNeeds(rule: CompiledRule, scene: Scene): RuleVerdict {
  try {
    const context = scene.contextFor(rule)
    if (rule.when !== undefined && rule.when.expression.evaluate(context, scene.lookups) !== true)
      return unmatched
    let participantId: string | undefined
    if (rule.target !== undefined) {
      if (scene.participants() === undefined) return conversation
      const chosen = choose(rule.target.expression, scene.candidates(), context, scene.lookups)
      if (chosen === undefined) return { kind: 'blocked', code: 'participant_not_found' }
      participantId = chosen.id
    }
    // All values first: a rule whose data is incomplete sets nothing rather than half of it.
    const values = rule.set.map(
      ({ attribute, value }) => [attribute, value.render(context, scene.lookups)] as const,
    )
    return { kind: 'matched', participantId, values }
  } catch (error) {
    return { kind: 'undecided', code: failureCode(error) }
  }
}

/** With the values that the participant is known to have, where they are newer than those the event reports. */
function asKnown(event: ConversationEvent, { known, at }: EventFacts): ConversationEvent {
  const attributes: Record<string, string> = { ...event.participant.attributes }
  for (const [name, { value, knownAt }] of known)
    if (!Object.hasOwn(attributes, name) || knownAt > at) attributes[name] = value
  return { ...event, participant: { ...event.participant, attributes } }
}

/** With what Genesys Cloud says of the participant; what the event says of it counts where Genesys Cloud says nothing. */
function asReadFrom(
  event: ConversationEvent,
  participants: readonly ConversationParticipant[],
): ConversationEvent {
  const read = participants.find(({ id }) => id === event.participantId)
  if (read === undefined) return event
  const { id: _, name: __, connectedTime: ___, endTime: ____, ...facts } = read
  return { ...event, participant: { ...event.participant, ...facts } }
}
