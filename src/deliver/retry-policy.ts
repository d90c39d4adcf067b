import type { DeadLetterCode } from '../errors.ts'
import type { Answer } from '../genesys/classify.ts'
import type { Failure, Retry } from '../inbox/inbox.ts'
import { backoff, fullJitter, maxPauseMs, type Random } from '../timing/backoff.ts'

/** A failure of this participant's own call, as opposed to one of the API or the credentials. */
export type CallFailure =
  | Extract<
      Answer,
      { kind: 'token_expired' | 'not_found' | 'forbidden' | 'conflict' | 'rejected' | 'unavailable' }
    >
  /** Data that a rule needs is missing: the participant it names, or an answer to its lookup. */
  | { readonly kind: 'participant_not_found' | 'lookup_failed'; readonly detail: string }

export type Verdict =
  | ({ readonly kind: 'again' } & Retry)
  | { readonly kind: 'dead'; readonly code: DeadLetterCode; readonly detail: string }

export interface RetryInput {
  readonly answer: CallFailure
  /** The last failure on record, if the one before failed too. */
  readonly failure: Failure | undefined
  /** When the event was accepted, or replayed. */
  readonly acceptedAt: number
  readonly eventMaxAgeMs: number
  readonly now: number
  readonly random: Random
}

/** A conversation can be so new that the API does not know it yet. */
const newConversationMs = 30_000
const maxConflicts = 5

/**
 * When a pending event becomes a dead letter if its failure lasts, epoch ms. `code`: of the failure; undefined: it has not failed.
 * `acceptedAt`: or when it was replayed.
 */
export const giveUpAt = (code: string | undefined, acceptedAt: number, eventMaxAgeMs: number): number =>
  acceptedAt +
  (code === 'not_found' || code === 'participant_not_found'
    ? Math.min(newConversationMs, eventMaxAgeMs)
    : eventMaxAgeMs)

/** The outcome table for one event: retry or dead letter. Pure. */
export function retryVerdict(input: RetryInput): Verdict {
  const { answer, failure, acceptedAt, eventMaxAgeMs, now, random } = input
  const attempts = failure?.code === answer.kind ? failure.attempts + 1 : 1
  const again = (waitMs: number, deadline: number): Verdict => ({
    kind: 'again',
    dueAt: Math.min(deadline, now + waitMs),
    failure: { code: answer.kind, attempts },
  })
  const { detail } = answer
  switch (answer.kind) {
    case 'participant_not_found':
    case 'not_found': {
      const deadline = acceptedAt + newConversationMs
      return now >= deadline
        ? { kind: 'dead', code: answer.kind, detail }
        : again(sparse(attempts, random), deadline)
    }
    case 'conflict':
      return attempts > maxConflicts
        ? { kind: 'dead', code: 'rejected', detail }
        : again(backoff({ attempts, firstMs: 250, slowestMs: 5_000, random }), Number.POSITIVE_INFINITY)
    case 'forbidden':
      return { kind: 'dead', code: 'forbidden', detail }
    case 'rejected':
      return { kind: 'dead', code: 'rejected', detail }
    // The first time at once with a new token; a resource that refuses every token must not run hot.
    case 'token_expired':
    case 'lookup_failed':
    case 'unavailable': {
      if (answer.kind === 'token_expired' && attempts === 1) return again(0, Number.POSITIVE_INFINITY)
      const deadline = acceptedAt + eventMaxAgeMs
      const asked = 'retryAfterMs' in answer ? Math.min(answer.retryAfterMs ?? 0, maxPauseMs) : 0
      return now >= deadline
        ? { kind: 'dead', code: 'expired', detail }
        : again(Math.max(asked, backoff({ attempts, firstMs: 500, slowestMs: 30_000, random })), deadline)
    }
  }
}

/**
 * For a conversation that may be new: at least 1, 2, 4, 8 s apart, so that one that never appears costs a handful of calls
 * and not a share of the rate budget.
 */
const sparse = (attempts: number, random: Random): number => {
  const leastMs = 1_000 * 2 ** Math.min(attempts - 1, 3)
  return leastMs + fullJitter(leastMs, random)
}
