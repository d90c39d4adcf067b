import type { Claim, PendingEvent, Settlement } from '../inbox/inbox.ts'

/**
 * One bad value must not reject the merged changes of other events. After a rejection the events are sent in halves until the
 * rejected one is alone; after a part is applied, the next may be twice as large. The recorded failure holds the state:
 * `rejected`, with the number of halvings as its attempts.
 */
export const halvingsOf = ({ failure }: Claim): number =>
  failure?.code === 'rejected' ? failure.attempts : 0

/** The events of the claim to send now: the earliest part of them, at least one. */
export const partOf = (claim: Claim): readonly PendingEvent[] =>
  claim.events.slice(0, Math.max(1, Math.ceil(claim.events.length / 2 ** halvingsOf(claim))))

/** A retry at once for the rest of the claim, halved that often. */
export const retryInParts = (halvings: number, now: number): NonNullable<Settlement['retry']> => ({
  dueAt: now,
  failure: { code: 'rejected', attempts: Math.max(0, halvings) },
})
