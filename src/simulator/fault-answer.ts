import type { Answer } from './answer.ts'
import { errorBody, rateLimitExceeded } from './error-body.ts'
import type { Fault } from './fault-input.ts'
import { knownError } from './known-errors.ts'
import { oauthError } from './oauth-error.ts'

export interface FaultContext {
  /** The login API has its own error format. */
  readonly style: 'oauth' | 'platform'
  readonly correlationId: string
  /** `Retry-After` of a 429 whose fault does not set the header. */
  readonly resetSeconds: number
}

/** The response of a fault with a status. */
export function faultAnswer(fault: Fault, status: number, context: FaultContext): Answer {
  const defaults: Record<string, string> =
    status === 429 ? { 'Retry-After': String(context.resetSeconds) } : {}
  const headers = overlay(defaults, fault.headers ?? {})
  if (fault.body !== undefined) return { status, headers, body: fault.body }
  if (status < 400) return { status, headers }
  return { status, headers, body: defaultBody(status, headers, context) }
}

function defaultBody(status: number, headers: Record<string, string>, context: FaultContext): unknown {
  if (context.style === 'oauth') return oauthError(status)
  if (status !== 429) return errorBody(knownError(status), context.correlationId)
  const retryAfter = Number(headers['Retry-After'] ?? Number.NaN)
  const seconds = Number.isInteger(retryAfter) ? retryAfter : context.resetSeconds
  return errorBody(rateLimitExceeded(seconds), context.correlationId)
}

/** The normal response with the fault's headers. */
export function withFaultHeaders<Outcome extends { readonly answer: Answer }>(
  fault: Fault | undefined,
  outcome: Outcome,
): Outcome {
  if (fault?.headers === undefined) return outcome
  const { answer } = outcome
  return { ...outcome, answer: { ...answer, headers: overlay(answer.headers ?? {}, fault.headers) } }
}

/** Header names are case-insensitive and keep the default's spelling; null removes a default. */
function overlay(
  defaults: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = new Map(Object.entries(defaults))
  for (const [name, value] of Object.entries(overrides)) {
    const known = [...merged.keys()].find((key) => key.toLowerCase() === name.toLowerCase()) ?? name
    if (value === null) merged.delete(known)
    else merged.set(known, value)
  }
  return Object.fromEntries(merged)
}
