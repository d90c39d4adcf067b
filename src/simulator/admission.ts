import { type Answer, errorAnswer } from './answer.ts'
import { rateLimitExceeded } from './error-body.ts'
import { authenticationRequired, knownError } from './known-errors.ts'
import type { RateLimiter, RateStatus } from './rate-limiter.ts'
import type { Token, Tokens } from './tokens.ts'

export type Admission =
  | { readonly kind: 'admitted'; readonly rateHeaders: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly answer: Answer; readonly authorized: boolean }

export interface Admissions {
  /** Whether the Authorization header has a live token. Counts no call. */
  isLive(authorization: string | undefined): boolean
  /** Authenticates and counts a call. Refuses with 401 or 429. */
  admit(authorization: string | undefined, correlationId: string): Admission
}

export interface AdmissionDependencies {
  readonly tokens: Tokens
  readonly rateLimiter: RateLimiter<Token>
  readonly now: () => number
}

/** Checks every call under `/api/`, including unknown paths. */
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
      const rateStatus = rateLimiter.count(token, 1, now())
      const rateHeaders = headersOf(rateStatus)
      if (!rateStatus.exceeded) return { kind: 'admitted', rateHeaders }
      const answer = errorAnswer(rateLimitExceeded(rateStatus.resetSeconds), correlationId)
      const headers = { ...rateHeaders, 'Retry-After': String(rateStatus.resetSeconds) }
      return { kind: 'refused', authorized: true, answer: { ...answer, headers } }
    },
  }
}

function bearerValue(authorization: string | undefined): string | undefined {
  return authorization?.match(/^bearer +(\S+)$/i)?.[1]
}

/** Header names from the Genesys SDK's logging article; `reset` is in whole seconds. */
function headersOf({ count, allowed, resetSeconds }: RateStatus): Record<string, string> {
  return {
    'inin-ratelimit-count': String(count),
    'inin-ratelimit-allowed': String(allowed),
    'inin-ratelimit-reset': String(resetSeconds),
  }
}
