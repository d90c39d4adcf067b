import { type Answer, errorAnswer } from './answer.ts'
import { rateLimitExceeded } from './error-body.ts'
import { authenticationRequired, knownError } from './known-errors.ts'
import type { RateLimiter, RateStanding } from './rate-limiter.ts'
import type { Token, Tokens } from './tokens.ts'

export type Admission =
  | { readonly kind: 'admitted'; readonly rateHeaders: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly answer: Answer; readonly authorized: boolean }

export interface Admissions {
  /** Whether an Authorization header holds a live token. Counts nothing. */
  isLive(authorization: string | undefined): boolean
  /** Authenticates a call and counts it: 401 and 429 are refusals. */
  admit(authorization: string | undefined, correlationId: string): Admission
}

export interface AdmissionDependencies {
  readonly tokens: Tokens
  readonly rateLimiter: RateLimiter<Token>
  readonly now: () => number
}

/** The check every call under `/api/` passes, also one for a path that does not exist. */
export function createAdmissions({ tokens, rateLimiter, now }: AdmissionDependencies): Admissions {
  function find(authorization: string | undefined): Token | undefined {
    const value = bearerValue(authorization)
    return value === undefined ? undefined : tokens.find(value, now())
  }

  return {
    isLive: (authorization) => find(authorization) !== undefined,
    admit(authorization, correlationId) {
      const token = find(authorization)
      if (token === undefined) {
        const error = bearerValue(authorization) === undefined ? authenticationRequired : knownError(401)
        return { kind: 'refused', authorized: false, answer: errorAnswer(error, correlationId) }
      }
      const standing = rateLimiter.count(token, 1, now())
      const rateHeaders = headersOf(standing)
      if (!standing.exceeded) return { kind: 'admitted', rateHeaders }
      const answer = errorAnswer(rateLimitExceeded(standing.resetSeconds), correlationId)
      const headers = { ...rateHeaders, 'Retry-After': String(standing.resetSeconds) }
      return { kind: 'refused', authorized: true, answer: { ...answer, headers } }
    },
  }
}

function bearerValue(authorization: string | undefined): string | undefined {
  return authorization?.match(/^bearer +(\S+)$/i)?.[1]
}

/** Headers of the Genesys SDK's logging article; `reset` is whole seconds. */
function headersOf({ count, allowed, resetSeconds }: RateStanding): Record<string, string> {
  return {
    'inin-ratelimit-count': String(count),
    'inin-ratelimit-allowed': String(allowed),
    'inin-ratelimit-reset': String(resetSeconds),
  }
}
