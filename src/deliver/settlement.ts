import type { Answer } from '../genesys/classify.ts'
import {
  ageStart,
  type Claim,
  type Inbox,
  type Outcome,
  type PendingEvent,
  type Settlement,
} from '../inbox/inbox.ts'
import type { Random } from '../timing/backoff.ts'
import type { DeliveryLog } from './delivery-state.ts'
import { type CallFailure, retryVerdict } from './retry-policy.ts'

export interface SettlementDeps {
  readonly eventMaxAgeMs: number
  readonly now: () => number
  readonly random: Random
}

/** Events of a claim, and the time (epoch ms) at which their outcome became known. */
export interface EventsOfClaim<Event extends PendingEvent = PendingEvent> {
  readonly claim: Claim
  readonly events: readonly Event[]
  readonly at: number
}

/** The settlement after a failed call. Pure. */
export function afterFailure(
  answer: Exclude<Answer, { kind: 'ok' }>,
  failed: EventsOfClaim,
  deps: SettlementDeps,
): Settlement {
  // The failure is not the participant's: give the claim back unchanged, without counting an attempt.
  if (answer.kind === 'rate_limited' || answer.kind === 'credentials_refused') return { outcomes: [] }
  if (answer.kind === 'rejected' && failed.events.length > 1)
    return { outcomes: [], retry: retryInParts(halvingsOf(failed.claim) + 1, failed.at) }
  return retryOrDeadLetter(answer, failed, deps)
}

/** Decides for each event by its age: expired events become dead letters, the others are retried together. */
export function retryOrDeadLetter(
  answer: CallFailure,
  { claim, events, at }: EventsOfClaim,
  { eventMaxAgeMs, random }: SettlementDeps,
): Settlement {
  const outcomes: Outcome[] = []
  let again: Settlement['retry']
  for (const event of events) {
    const { failure } = claim
    const acceptedAt = ageStart(event)
    const verdict = retryVerdict({ answer, failure, acceptedAt, eventMaxAgeMs, now: at, random })
    if (verdict.kind === 'dead')
      outcomes.push({ sequence: event.sequence, state: 'dead', code: verdict.code, detail: verdict.detail })
    else if (again === undefined || verdict.dueAt < again.dueAt)
      again = { dueAt: verdict.dueAt, failure: verdict.failure }
  }
  return { outcomes, ...(again !== undefined && { retry: again }) }
}

export const outcomesOf = (events: readonly PendingEvent[], state: 'applied' | 'unchanged'): Outcome[] =>
  events.map(({ sequence }) => ({ sequence, state }))

/** Merges two settlements; of two retries the earlier counts. */
export function mergeSettlements(one: Settlement, other: Settlement): Settlement {
  const retries = [one.retry, other.retry].filter((each) => each !== undefined)
  const [retry] = retries.toSorted((a, b) => a.dueAt - b.dueAt)
  const known = one.known ?? other.known
  return {
    outcomes: [...one.outcomes, ...other.outcomes],
    ...(known !== undefined && { known }),
    ...(retry !== undefined && { retry }),
  }
}

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

export interface SettleDeps {
  readonly inbox: Pick<Inbox, 'settle'>
  readonly log: DeliveryLog
  /** Whether the process ends now: the next one repeats what is not recorded. */
  readonly aborted: () => boolean
}

const retryMs = 1_000

/**
 * Settles a claim and repeats that until the outcome is recorded: without it the same call would be made again. Resolves
 * with false if it is not recorded and the claim is void.
 */
export function createSettleWithRetries({ inbox, log, aborted }: SettleDeps) {
  return async (claim: Claim, settlement: Settlement): Promise<boolean> => {
    while (!aborted()) {
      try {
        const settled = (await inbox.settle(claim, settlement)) === 'settled'
        if (!settled) log.warn({ ...claim.key }, 'lease expired before the outcome was recorded')
        return settled
      } catch (error) {
        log.error({ code: 'store_unavailable', err: error }, 'outcome not recorded, retrying')
        await new Promise((resolve) => setTimeout(resolve, retryMs))
      }
    }
    return false
  }
}
