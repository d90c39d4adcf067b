import type { Claim, PendingEvent, Settlement } from '../inbox/inbox.ts'

/**
 * One bad value must not take the good ones of other events with it. After a rejection the events that were merged are
 * sent in halves, until the one that is refused stands alone; after a part that went through, the next may be twice as
 * large. Where this stands is the failure on record: `rejected`, with the number of halvings as its attempts.
 */
export const halvingsOf = ({ failure }: Claim): number =>
  failure?.code === 'rejected' ? failure.attempts : 0

/** The events of the claim that are to be sent now: the earliest part of them, and at least one. */
export const partOf = (claim: Claim): readonly PendingEvent[] =>
  claim.events.slice(0, Math.max(1, Math.ceil(claim.events.length / 2 ** halvingsOf(claim))))

/** What is left of the claim goes on at once, in halves that often. */
export const inParts = (halvings: number, now: number): NonNullable<Settlement['retry']> => ({
  dueAt: now,
  failure: { code: 'rejected', attempts: Math.max(0, halvings) },
})
