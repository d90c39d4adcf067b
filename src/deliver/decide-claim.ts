import type { Decision, Need } from '../enrich/decision.ts'
import type { RuleSet } from '../enrich/evaluate.ts'
import { effectiveTime } from '../event.ts'
import type { Claim, PendingEvent } from '../inbox/inbox.ts'
import type { Conversations } from './conversations.ts'
import type { DecidedEvent } from './merge.ts'

export interface DecidedPending extends PendingEvent {
  readonly decision: Decision
}

/** The events of one claim, decided by one set of rules. */
export interface Decided {
  /** In the order of `claim.events`. */
  readonly events: readonly DecidedPending[]
  /** What has to be fetched before the rest of them can be decided. */
  readonly needs: readonly Need[]
}

/** `now` (epoch ms): one time for all events, so that they see the same participants. */
export function decide(claim: Claim, rules: RuleSet, conversations: Conversations, now: number): Decided {
  const events = claim.events.map((pending) => {
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
  return { events, needs: events.flatMap(({ decision }) => decision.needs) }
}

/** Waits for nothing: its outcome can be recorded. */
export const isSettleable = ({ decision }: DecidedPending): boolean =>
  decision.needs.length === 0 && decision.blocked.length === 0

/** What the events set on the participant they are claimed by. */
export const ownChanges = (events: readonly DecidedPending[], participantId: string): DecidedEvent[] =>
  events.map(({ decision, ...pending }) => ({
    ...pending,
    attributes: attributesFor(decision, participantId),
  }))

/** What they set on another participant: of which the events themselves tell nothing. */
export const changesElsewhere = (events: readonly DecidedPending[], participantId: string): DecidedEvent[] =>
  ownChanges(events, participantId)
    .filter(({ attributes }) => attributes !== nothing)
    .map((decided) => ({ ...decided, event: { ...decided.event, participant: {} } }))

/** On which participants beside this one the event sets something. */
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
