import { validateHeaderName, validateHeaderValue } from 'node:http'
import { z } from 'zod'
import { type Answer, errorAnswer, knownError, knownOAuthError, rateLimitExceeded } from './answers.ts'

const path = z.string().regex(/^\/[^*?]*\*?$/, 'must start with "/" and may end with one "*"')

const refusedHeaders = 'it is not a valid HTTP header, or the simulator sets it to frame the response'

const headers = z.record(z.string(), z.string().nullable()).superRefine((all, context) => {
  for (const entry of Object.entries(all).filter((header) => !isSendable(header)))
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(entry[0])} cannot be set: ${refusedHeaders}`,
    })
})

/**
 * A fault to inject. At least one of `status`, `reset`, `delayMs`, `headers`.
 *
 * - `match`: the requests it applies to, default all. `path` without query: exact, or a prefix if it ends in
 *   `*`.
 * - `times`: the number of requests it applies to, default 1.
 * - `status` (200–599): answer with this status, before authentication and rate limit. `body` (default: the
 *   usual error body of that status) and `headers` (null removes a default header such as `Retry-After`)
 *   apply to this response.
 * - `headers` without a `status`: change or remove headers of the normal response, such as rate headers.
 * - `reset`: reset the connection without a response.
 * - `delayMs`: wait, then apply `status` or `reset`, else continue normally.
 */
export const faultInputSchema = z
  .strictObject({
    match: z
      .strictObject({ method: z.string().min(1).toUpperCase().optional(), path: path.optional() })
      .optional(),
    times: z.int().min(1).default(1),
    status: z.int().min(200).max(599).optional(),
    reset: z.boolean().optional(),
    delayMs: z.int().min(0).max(600_000).optional(),
    headers: headers.optional(),
    body: z.unknown().optional(),
  })
  .refine(
    ({ status, reset, delayMs, headers }) =>
      status !== undefined || reset === true || delayMs !== undefined || headers !== undefined,
    { error: 'needs one of status, reset, delayMs, headers' },
  )
  .refine(({ status, reset }) => status === undefined || reset !== true, {
    error: 'status and reset exclude each other',
  })
  .refine(({ reset, headers }) => reset !== true || headers === undefined, {
    error: 'reset and headers exclude each other',
  })
  .refine(({ status, body }) => status !== undefined || body === undefined, { error: 'body needs a status' })

export type FaultInput = z.input<typeof faultInputSchema>
/** A stored fault; `times` counts down. */
export type Fault = z.output<typeof faultInputSchema>

/** Rejects framing headers: a wrong one would break the connection for later calls. */
function isSendable([name, value]: [string, string | null]): boolean {
  if (/^(content-length|transfer-encoding|connection)$/i.test(name)) return false
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value ?? '')
    return true
  } catch {
    return false
  }
}

export interface Faults {
  add(fault: Fault): void
  /** The first matching fault; decrements its `times`. */
  take(method: string, path: string): Fault | undefined
  /** Faults with remaining `times`, in order. */
  list(): readonly Fault[]
  clear(): void
}

/** Pending faults, in the order they were added. */
export function createFaults(): Faults {
  let faults: readonly Fault[] = []

  return {
    add(fault) {
      faults = [...faults, fault]
    },
    take(method, path) {
      const taken = faults.find((fault) => matches(fault, method, path))
      if (taken === undefined) return undefined
      faults = faults
        .map((fault) => (fault === taken ? { ...fault, times: fault.times - 1 } : fault))
        .filter((fault) => fault.times > 0)
      return taken
    },
    list: () => faults,
    clear() {
      faults = []
    },
  }
}

function matches({ match }: Fault, method: string, path: string): boolean {
  if (match?.method !== undefined && match.method !== method) return false
  if (match?.path === undefined) return true
  return match.path.endsWith('*') ? path.startsWith(match.path.slice(0, -1)) : path === match.path
}

export interface FaultContext {
  /** The login API has its own error format. */
  readonly style: 'oauth' | 'platform'
  readonly correlationId: string
  /** `Retry-After` of a 429 whose fault does not set the header. */
  readonly resetSeconds: number
}

/** The response of a fault with a status. */
export function faultAnswer(fault: Fault, status: number, context: FaultContext): Answer {
  const { style, correlationId, resetSeconds } = context
  const headers = overlay(status === 429 ? { 'Retry-After': String(resetSeconds) } : {}, fault.headers ?? {})
  if (fault.body !== undefined) return { status, headers, body: fault.body }
  if (status < 400) return { status, headers }
  if (style === 'oauth') return { status, headers, body: knownOAuthError(status) }
  if (status !== 429) return { ...errorAnswer(knownError(status), correlationId), headers }
  const retryAfter = Number(headers['Retry-After'] ?? Number.NaN)
  const seconds = Number.isInteger(retryAfter) ? retryAfter : resetSeconds
  return { ...errorAnswer(rateLimitExceeded(seconds), correlationId), headers }
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
