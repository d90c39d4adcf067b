import type { Answer } from '../genesys/classify.ts'
import type { Claim, Outcome, PendingEvent, Settlement } from '../inbox/inbox.ts'
import { halvingsOf, inParts } from './parts.ts'
import { type CallFailure, type Random, retry } from './retry.ts'

export interface SettlementDeps {
  readonly eventMaxAgeMs: number
  readonly now: () => number
  readonly random: Random
}

/** What follows where a call for some events of a claim did not succeed. Pure but for the clock that is passed in. */
export function afterFailure(
  answer: Exclude<Answer, { kind: 'ok' }>,
  claim: Claim,
  events: readonly PendingEvent[],
  deps: SettlementDeps,
): Settlement {
  // Not the participant's fault: back as it was, without counting an attempt.
  if (answer.kind === 'rate_limited' || answer.kind === 'credentials_refused') return { outcomes: [] }
  if (answer.kind === 'rejected' && events.length > 1)
    return { outcomes: [], retry: inParts(halvingsOf(claim) + 1, deps.now()) }
  return verdicts(answer, claim, events, deps)
}

/** Each event by its own age: those out of time die, the others are tried again together. */
export function verdicts(
  answer: CallFailure,
  { failure }: Claim,
  events: readonly PendingEvent[],
  deps: SettlementDeps,
): Settlement {
  const outcomes: Outcome[] = []
  let again: Settlement['retry']
  for (const { sequence, acceptedAt } of events) {
    const verdict = retry({ ...deps, answer, failure, acceptedAt, now: deps.now() })
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
