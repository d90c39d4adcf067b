import { effectiveTime } from '../event.ts'
import type { Claim, PendingEvent } from '../inbox/inbox.ts'
import type { Decision } from '../rules/decision.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import type { Conversations } from './conversations.ts'
import type { DecidedEvent } from './merge.ts'

export interface DecidedPending extends PendingEvent {
  readonly decision: Decision
}

/** Evaluates the rules for each event. `now` (epoch ms): one time for all, so that they see the same participants. */
export const decideClaim = (
  claim: Claim,
  rules: RuleSet,
  conversations: Conversations,
  now: number,
): readonly DecidedPending[] =>
  claim.events.map((pending) => {
    const { event, acceptedAt } = pending
    const facts = {
      get participants() {
        return conversations.participantsSince(event.conversationId, acceptedAt, now)
      },
      known: claim.known,
      at: effectiveTime(event, acceptedAt),
    }
    return { ...pending, decision: rules.evaluate(event, facts) }
  })

/** Whether the event waits for no data, so that its outcome can be recorded. */
export const isSettleable = ({ decision }: DecidedPending): boolean =>
  decision.needs.length === 0 && decision.blocked.length === 0

/** The attributes that the events set on the participant of the claim. */
export const ownChanges = (events: readonly DecidedPending[], participantId: string): DecidedEvent[] =>
  events.map(({ decision, ...pending }) => ({
    ...pending,
    attributes: attributesFor(decision, participantId),
  }))

/** The attributes that the events set on another participant, whose present attributes they don't report. */
export const otherChanges = (events: readonly DecidedPending[], participantId: string): DecidedEvent[] =>
  ownChanges(events, participantId)
    .filter(({ attributes }) => attributes !== nothing)
    .map((decided) => ({ ...decided, event: { ...decided.event, participant: {} } }))

/** The ids of the other participants on which the event sets attributes. */
export const othersOf = ({ decision }: DecidedPending, participantId: string): readonly string[] =>
  decision.changes.map((change) => change.participantId).filter((id) => id !== participantId)

const nothing: Readonly<Record<string, string>> = {}

function attributesFor(
  { changes, needs }: Decision,
  participantId: string,
): Readonly<Record<string, string>> {
  if (needs.length > 0) return nothing
  return changes.find((change) => change.participantId === participantId)?.attributes ?? nothing
}
