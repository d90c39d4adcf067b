import { type Candidate, type ExpressionContext, withCandidate } from '../cel/context.ts'
import type { Expression, LookupFacts } from '../cel/expressions.ts'
import type { ConversationEvent, ConversationParticipant } from '../event.ts'
import { readParticipants } from '../genesys/participants.ts'

/** The participants of a conversation as rules see them, those first that are to be preferred. */
export function candidatesOf(participants: readonly ConversationParticipant[]): readonly Candidate[] {
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

/** Connected before not yet connected before ended; then the one connected last; then by id, so that the choice is the same each time. */
const preferred = (one: Candidate, other: Candidate): number =>
  rank(one) - rank(other) ||
  (other.connectedTime ?? 0) - (one.connectedTime ?? 0) ||
  (one.id < other.id ? -1 : 1)

const rank = ({ connected, ended }: Candidate): number => (connected ? 0 : ended ? 2 : 1)

/** The participants that the event itself carries: those of a snapshot, unless some were left out (`participantsOmitted`). */
export function participantsIn(event: ConversationEvent): readonly ConversationParticipant[] | undefined {
  const eventBody = fieldOf(fieldOf(event.body, 'detail') ?? event.body, 'eventBody')
  if (fieldOf(eventBody, 'participantsOmitted') !== undefined) return undefined
  return readParticipants(fieldOf(eventBody, 'participants'))
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

/** The first candidate that fits. Where the predicate cannot be decided, the candidate does not fit. */
export const choose = (
  fits: Expression,
  candidates: readonly Candidate[],
  context: ExpressionContext,
  facts: LookupFacts,
): Candidate | undefined =>
  candidates.find((candidate) => isTrue(fits, withCandidate(context, candidate), facts))

export function isTrue(expression: Expression, context: ExpressionContext, facts: LookupFacts): boolean {
  try {
    return expression.evaluate(context, facts) === true
  } catch {
    return false
  }
}
