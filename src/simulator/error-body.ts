/**
 * Genesys's ErrorBody (official SDK model), the fields every error carries, in the order of the official
 * samples.
 */
export interface ErrorBody {
  readonly message: string
  readonly code: string
  readonly status: number
  /** Same value as the `ININ-Correlation-Id` response header. */
  readonly contextId: string
  readonly details: readonly unknown[]
  readonly errors: readonly unknown[]
}

export interface ErrorDescription {
  readonly status: number
  readonly code: string
  readonly message: string
}

export function errorBody({ status, code, message }: ErrorDescription, contextId: string): ErrorBody {
  return { message, code, status, contextId, details: [], errors: [] }
}

/** Code and message from the Genesys developer forum's announcement of normalized 429 responses. */
export function rateLimitExceeded(retryAfterSeconds: number): ErrorDescription {
  return {
    status: 429,
    code: 'too.many.requests.retry.after',
    message: `Rate limit exceeded the maximum. Retry the request in [${retryAfterSeconds}] seconds`,
  }
}
