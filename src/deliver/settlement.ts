import type { Answer } from '../genesys/classify.ts'
import type { Claim, Outcome, PendingEvent, Settlement } from '../inbox/inbox.ts'
import type { Random } from '../timing/backoff.ts'
import { type CallFailure, retry } from './retry-policy.ts'
import { halvingsOf, inParts } from './split-rejected.ts'

export interface SettlementDeps {
  readonly eventMaxAgeMs: number
  readonly now: () => number
  readonly random: Random
}

/** Events of a claim for which a call did not succeed, at one time (epoch ms) for all of them. */
export interface FailedEvents {
  readonly claim: Claim
  readonly events: readonly PendingEvent[]
  readonly at: number
}

type RetryTerms = Omit<SettlementDeps, 'now'>

/** The settlement after a call that did not succeed. Pure. */
export function afterFailure(
  answer: Exclude<Answer, { kind: 'ok' }>,
  failed: FailedEvents,
  terms: RetryTerms,
): Settlement {
  // Not the participant's fault: back as it was, without counting an attempt.
  if (answer.kind === 'rate_limited' || answer.kind === 'credentials_refused') return { outcomes: [] }
  if (answer.kind === 'rejected' && failed.events.length > 1)
    return { outcomes: [], retry: inParts(halvingsOf(failed.claim) + 1, failed.at) }
  return verdicts(answer, failed, terms)
}

/** Each event by its own age: those out of time become dead letters, the others are retried together. */
export function verdicts(
  answer: CallFailure,
  { claim, events, at }: FailedEvents,
  { eventMaxAgeMs, random }: RetryTerms,
): Settlement {
  const outcomes: Outcome[] = []
  let again: Settlement['retry']
  for (const { sequence, acceptedAt } of events) {
    const verdict = retry({
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

/** Both at once; of two times to try again the earlier. */
export function together(one: Settlement, other: Settlement): Settlement {
  const retries = [one.retry, other.retry].filter((each) => each !== undefined)
  const [retry] = retries.toSorted((a, b) => a.dueAt - b.dueAt)
  const known = one.known ?? other.known
  return {
    outcomes: [...one.outcomes, ...other.outcomes],
    ...(known !== undefined && { known }),
    ...(retry !== undefined && { retry }),
  }
}
