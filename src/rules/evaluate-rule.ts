import { type Candidate, contextOf, type ExpressionContext, withCandidate } from '../cel/context.ts'
import { type FailureReason, failureReason } from '../cel/expression-errors.ts'
import type { Expression, LookupFacts } from '../cel/expressions.ts'
import { createNameResults, type NameResults, type UsedName, withNames } from '../cel/names.ts'
import type { ConversationEvent, ConversationParticipant } from '../event.ts'
import { readParticipants } from '../genesys/participants.ts'
import type { LookupSession } from '../lookups/tables.ts'
import { isObject } from '../values/json.ts'
import type { EventFacts, Need } from './decision.ts'
import type { CompiledRule } from './file/compile.ts'

export type RuleResult =
  | {
      readonly kind: 'matched'
      /** The participant that gets the values; undefined: the participant of the event. */
      readonly participantId: string | undefined
      readonly values: readonly (readonly [attribute: string, value: string])[]
    }
  | { readonly kind: 'unmatched' }
  | { readonly kind: 'undecided'; readonly reason: FailureReason }
  | { readonly kind: 'needs'; readonly needs: readonly Need[] }
  | { readonly kind: 'blocked'; readonly code: 'participant_not_found' | 'lookup_failed' }

/** One event with the data that rules read. Each part is computed when the first rule needs it. */
export type RuleInput = ReturnType<typeof createRuleInput>

export function createRuleInput(event: ConversationEvent, facts: EventFacts, lookups: LookupSession) {
  let eventContext: ExpressionContext | undefined
  let knownValuesContext: ExpressionContext | undefined
  let participants: readonly ConversationParticipant[] | undefined
  let candidates: readonly Candidate[] | undefined
  let namesOfEvent: NameResults | undefined
  let namesOfApiParticipant: NameResults | undefined
  const namesFor = ({ needsParticipant }: CompiledRule): NameResults => {
    if (needsParticipant) {
      namesOfApiParticipant ??= createNameResults()
      return namesOfApiParticipant
    }
    namesOfEvent ??= createNameResults()
    return namesOfEvent
  }
  const variablesFor = (rule: CompiledRule): ExpressionContext => {
    if (rule.needsParticipant) return contextOf(withApiParticipant(event, readParticipants() ?? []))
    if (rule.readsAttributes && facts.known.size > 0) {
      knownValuesContext ??= contextOf(withKnownValues(event, facts))
      return knownValuesContext
    }
    eventContext ??= contextOf(event)
    return eventContext
  }
  const readParticipants = () => {
    participants ??= snapshotParticipants(event) ?? facts.participants
    return participants
  }
  return {
    event,
    lookups,
    /** Undefined: they must be read from the API. */
    participants: readParticipants,
    candidates: () => {
      candidates ??= candidatesOf(readParticipants() ?? [])
      return candidates
    },
    /** The variables of this rule's expressions. */
    contextFor: (rule: CompiledRule): ExpressionContext =>
      rule.names.size === 0
        ? variablesFor(rule)
        : withNames(variablesFor(rule), rule.names, namesFor(rule), lookups),
    /** Call it before the evaluation of each rule. */
    startRule: (): void => {
      // Each rule that reads a name waits for its lookups, so a result without them is not kept.
      const keepsResults = lookups.needs.length === 0 && !lookups.failed()
      namesOfEvent?.startRule(keepsResults)
      namesOfApiParticipant?.startRule(keepsResults)
      lookups.reset()
    },
    /** The names that the rule has used since `startRule`. */
    usedNames: (rule: CompiledRule): readonly UsedName[] =>
      rule.names.size === 0 ? [] : namesFor(rule).used(rule.names),
  }
}

const unmatched: RuleResult = { kind: 'unmatched' }
const needsConversation: RuleResult = { kind: 'needs', needs: [{ kind: 'conversation' }] }

/** Never throws. A pending or failed lookup takes precedence: the result is then `needs` or `blocked`. */
export function evaluateRule(rule: CompiledRule, input: RuleInput): RuleResult {
  if (rule.needsParticipant && input.participants() === undefined) return needsConversation
  input.startRule()
  const result = matchAndRender(rule, input)
  const { needs } = input.lookups
  // A copy: `explain` evaluates the target again, which adds the same needs to the session.
  if (needs.length > 0) return { kind: 'needs', needs: [...needs] }
  return input.lookups.failed() ? { kind: 'blocked', code: 'lookup_failed' } : result
}

function matchAndRender(rule: CompiledRule, input: RuleInput): RuleResult {
  try {
    const context = input.contextFor(rule)
    if (rule.when !== undefined && rule.when.evaluate(context, input.lookups) !== true) return unmatched
    let participantId: string | undefined
    if (rule.target !== undefined) {
      if (input.participants() === undefined) return needsConversation
      const { target } = rule
      const chosen = input
        .candidates()
        .find((candidate) => isTrue(target, withCandidate(context, candidate), input.lookups))
      if (chosen === undefined) return { kind: 'blocked', code: 'participant_not_found' }
      participantId = chosen.id
    }
    // Render all values before the match counts: a rule with incomplete data sets nothing.
    const values = rule.set.map(
      ({ attribute, value }) => [attribute, value.render(context, input.lookups)] as const,
    )
    return { kind: 'matched', participantId, values }
  } catch (error) {
    return { kind: 'undecided', reason: failureReason(error) }
  }
}

/** The event with known values of its participant that the event lacks or that are newer. */
function withKnownValues(event: ConversationEvent, { known, at }: EventFacts): ConversationEvent {
  const attributes: Record<string, string> = { ...event.participant.attributes }
  for (const [name, { value, knownAt }] of known)
    if (!Object.hasOwn(attributes, name) || knownAt > at) attributes[name] = value
  return { ...event, participant: { ...event.participant, attributes } }
}

/** The event with its participant as the API returned it. Fields that the API lacks keep the event's values. */
function withApiParticipant(
  event: ConversationEvent,
  participants: readonly ConversationParticipant[],
): ConversationEvent {
  const read = participants.find(({ id }) => id === event.participantId)
  if (read === undefined) return event
  const { id: _, name: __, connectedTime: ___, endTime: ____, ...facts } = read
  return { ...event, participant: { ...event.participant, ...facts } }
}

/** The participants of a conversation as candidates for a target, in order of preference. */
function candidatesOf(participants: readonly ConversationParticipant[]): readonly Candidate[] {
  return participants
    .map((participant): Candidate => {
      const { connectedTime, endTime, attributes } = participant
      const externalId = participant.externalId ?? attributes?.target_identifier
      return {
        ...participant,
        ...(externalId !== undefined && { externalId }),
        connected: connectedTime !== undefined && endTime === undefined,
        ended: endTime !== undefined,
      }
    })
    .toSorted(preferred)
}

/** Connected, then not yet connected, then ended; then the last one to connect; then by id, so that the order is stable. */
const preferred = (one: Candidate, other: Candidate): number =>
  rank(one) - rank(other) ||
  (other.connectedTime ?? 0) - (one.connectedTime ?? 0) ||
  (one.id < other.id ? -1 : 1)

const rank = ({ connected, ended }: Candidate): number => (connected ? 0 : ended ? 2 : 1)

/** The participants in the body of a snapshot. Undefined: no snapshot, or an incomplete one (`participantsOmitted`). */
function snapshotParticipants(event: ConversationEvent): readonly ConversationParticipant[] | undefined {
  const eventBody = fieldOf(fieldOf(event.body, 'detail') ?? event.body, 'eventBody')
  if (fieldOf(eventBody, 'participantsOmitted') !== undefined) return undefined
  return readParticipants(fieldOf(eventBody, 'participants'))
}

const fieldOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** A target that fails to evaluate counts as false. */
export function isTrue(expression: Expression, context: ExpressionContext, facts: LookupFacts): boolean {
  try {
    return expression.evaluate(context, facts) === true
  } catch {
    return false
  }
}
