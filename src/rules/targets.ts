import { type Candidate, type ExpressionContext, withCandidate } from '../cel/context.ts'
import type { Expression, LookupFacts } from '../cel/expressions.ts'
import type { ConversationEvent, ConversationParticipant } from '../event.ts'
import { readParticipants } from '../genesys/participants.ts'

/** The participants of a conversation as candidates for a target, in order of preference. */
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

/** Connected, then not yet connected, then ended; then the last one to connect; then by id, so that the order is stable. */
const preferred = (one: Candidate, other: Candidate): number =>
  rank(one) - rank(other) ||
  (other.connectedTime ?? 0) - (one.connectedTime ?? 0) ||
  (one.id < other.id ? -1 : 1)

const rank = ({ connected, ended }: Candidate): number => (connected ? 0 : ended ? 2 : 1)

/** The participants in the body of a snapshot. Undefined: no snapshot, or an incomplete one (`participantsOmitted`). */
export function snapshotParticipants(
  event: ConversationEvent,
): readonly ConversationParticipant[] | undefined {
  const eventBody = fieldOf(fieldOf(event.body, 'detail') ?? event.body, 'eventBody')
  if (fieldOf(eventBody, 'participantsOmitted') !== undefined) return undefined
  return readParticipants(fieldOf(eventBody, 'participants'))
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

/** The first candidate for which the target is true. A target that fails to evaluate counts as false. */
export const firstMatch = (
  target: Expression,
  candidates: readonly Candidate[],
  context: ExpressionContext,
  facts: LookupFacts,
): Candidate | undefined =>
  candidates.find((candidate) => isTrue(target, withCandidate(context, candidate), facts))

export function isTrue(expression: Expression, context: ExpressionContext, facts: LookupFacts): boolean {
  try {
    return expression.evaluate(context, facts) === true
  } catch {
    return false
  }
}
