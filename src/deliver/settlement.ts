import type { Answer } from '../genesys/classify.ts'
import type { Claim, Outcome, PendingEvent, Settlement } from '../inbox/inbox.ts'
import type { Random } from '../timing/backoff.ts'
import { type CallFailure, retryVerdict } from './retry-policy.ts'
import { halvingsOf, retryInParts } from './split-rejected.ts'

export interface SettlementDeps {
  readonly eventMaxAgeMs: number
  readonly now: () => number
  readonly random: Random
}

/** Events of a claim whose call failed; `at`: epoch ms, one time for all. */
export interface FailedEvents {
  readonly claim: Claim
  readonly events: readonly PendingEvent[]
  readonly at: number
}

type RetryTerms = Omit<SettlementDeps, 'now'>

/** The settlement after a failed call. Pure. */
export function afterFailure(
  answer: Exclude<Answer, { kind: 'ok' }>,
  failed: FailedEvents,
  terms: RetryTerms,
): Settlement {
  // The failure is not the participant's: give the claim back unchanged, without counting an attempt.
  if (answer.kind === 'rate_limited' || answer.kind === 'credentials_refused') return { outcomes: [] }
  if (answer.kind === 'rejected' && failed.events.length > 1)
    return { outcomes: [], retry: retryInParts(halvingsOf(failed.claim) + 1, failed.at) }
  return retryOrDeadLetter(answer, failed, terms)
}

/** Decides for each event by its age: expired events become dead letters, the others are retried together. */
export function retryOrDeadLetter(
  answer: CallFailure,
  { claim, events, at }: FailedEvents,
  { eventMaxAgeMs, random }: RetryTerms,
): Settlement {
  const outcomes: Outcome[] = []
  let again: Settlement['retry']
  for (const { sequence, acceptedAt } of events) {
    const verdict = retryVerdict({
      answer,
      failure: claim.failure,
      acceptedAt,
      eventMaxAgeMs,
      now: at,
      random,
    })
    if (verdict.kind === 'dead')
      outcomes.push({ sequence, state: 'dead', code: verdict.code, detail: verdict.detail })
    else if (again === undefined || verdict.dueAt < again.dueAt)
      again = { dueAt: verdict.dueAt, failure: verdict.failure }
  }
  return { outcomes, ...(again !== undefined && { retry: again }) }
}

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
