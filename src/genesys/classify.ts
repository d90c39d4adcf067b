import { z } from 'zod'
import type { HttpAnswer } from '../http/client.ts'

/** The token's rate window, from the API's headers (source: SDK logging article; `reset` is in whole seconds). */
export interface RateHeaders {
  /** Calls in this window, including those of other programs with the token. */
  readonly count: number
  readonly allowed: number
  readonly resetMs: number
}

/** Status and correlation id of a response, for the history of events and the log. */
export interface ApiAnswer {
  readonly status: number
  readonly correlationId?: string
}

/** The code in an ErrorBody, such as `not.authorized`. Other texts are left out: the log has it. */
const errorCode = /^[a-z][a-z_-]*(\.[a-z_-]+)*$/
const maxErrorCodeLength = 100

const correlationIdForm = /^[\w.:-]{1,64}$/

/** A correlation id of an unexpected form is left out. */
export function apiAnswerOf({ status, headers }: HttpAnswer): ApiAnswer {
  const correlationId = headers['inin-correlation-id']
  return typeof correlationId === 'string' && correlationIdForm.test(correlationId)
    ? { status, correlationId }
    : { status }
}

/**
 * The outcome of a call. `detail` goes to dead letters and the admin API, not to logs.
 * `rate`: `none` if the response had no rate headers. Without a response from the API, `rate` and `api` are absent.
 */
export type Answer = { readonly rate?: RateHeaders | 'none'; readonly api?: ApiAnswer } & (
  | { readonly kind: 'ok' }
  /** `retryAfterMs`: Retry-After, else the time until the rate window resets, else undefined. */
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number | undefined }
  /** The API refused the token. The next call requests a new one. */
  | { readonly kind: 'token_expired'; readonly detail: string }
  | { readonly kind: 'credentials_refused'; readonly detail: string }
  /** `cause`: status and code of the response, safe for logs, as opposed to the message. */
  | {
      readonly kind: 'not_found' | 'forbidden' | 'conflict' | 'rejected'
      readonly detail: string
      readonly cause: string
    }
  /** 408, 5xx, an unexpected status, a reset or timed-out connection. `cause`: status or code, safe for logs. */
  | {
      readonly kind: 'unavailable'
      readonly detail: string
      readonly cause: string
      /** From Retry-After: no call before it has passed. */
      readonly retryAfterMs?: number
    }
)

/** Uses `now` (epoch ms) only for responses without a Date header. `call.ts` handles 401. */
export function classify(answer: HttpAnswer, now: number): Answer {
  const rate = rateHeaders(answer.headers) ?? 'none'
  const { status } = answer
  if (status >= 200 && status < 300) return { kind: 'ok', rate }
  if (status === 429) return { kind: 'rate_limited', retryAfterMs: pauseAfter429(answer.headers, now), rate }
  const detail = describeError(answer)
  const cause = causeOf(answer)
  if (status === 404) return { kind: 'not_found', detail, cause, rate }
  if (status === 403) return { kind: 'forbidden', detail, cause, rate }
  if (status === 409) return { kind: 'conflict', detail, cause, rate }
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'rejected', detail, cause, rate }
  return { kind: 'unavailable', detail, ...outage(answer, now), rate }
}

/** Cause and Retry-After of a 408 or 5xx response. */
export function outage(
  { status, headers }: HttpAnswer,
  now: number,
): { readonly cause: string; readonly retryAfterMs?: number } {
  const retryAfterMs = retryAfter(headers, now)
  return { cause: String(status), ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

const wholeNumber = (value: unknown): number | undefined =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined

/** Longer than any rate window: such a header is ignored. */
const maxResetSeconds = 3_600

export function rateHeaders(headers: HttpAnswer['headers']): RateHeaders | undefined {
  const count = wholeNumber(headers['inin-ratelimit-count'])
  const allowed = wholeNumber(headers['inin-ratelimit-allowed'])
  const resetMs = windowReset(headers)
  if (count === undefined || allowed === undefined || resetMs === undefined || allowed === 0) return undefined
  return { count, allowed, resetMs }
}

/** Ms until the rate window resets. */
function windowReset(headers: HttpAnswer['headers']): number | undefined {
  const reset = wholeNumber(headers['inin-ratelimit-reset'])
  return reset === undefined || reset > maxResetSeconds ? undefined : reset * 1_000
}

/** Pause after a 429, in ms: Retry-After, else the reset header, else undefined. */
export const pauseAfter429 = (headers: HttpAnswer['headers'], now: number): number | undefined =>
  retryAfter(headers, now) ?? windowReset(headers)

/**
 * Retry-After in whole ms (RFC 9110): seconds, or an HTTP date in any of its three forms, relative to the answer's own
 * Date. Undefined: absent or malformed.
 */
export function retryAfter(headers: HttpAnswer['headers'], now: number): number | undefined {
  const header = headers['retry-after']
  if (typeof header !== 'string') return undefined
  const value = header.trim()
  if (/^\d{1,9}(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1_000)
  const date = httpDate(value)
  if (Number.isNaN(date)) return undefined
  const serverNow = httpDate(String(headers.date))
  return Math.max(0, date - (Number.isNaN(serverNow) ? now : serverNow))
}

const httpDateForms = [
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/, // RFC 850
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/, // asctime, without a zone
]

/** NaN if malformed. Date.parse alone reads `-5` and `Monday 5` as past dates, which would mean no wait. */
const httpDate = (value: string): number =>
  httpDateForms.some((form) => form.test(value))
    ? Date.parse(value.endsWith('GMT') ? value : `${value} GMT`)
    : Number.NaN

/** The fields of the platform's ErrorBody that go into `detail`. */
const errorBody = z.object({
  code: z.string().optional(),
  message: z.string().optional(),
  contextId: z.string().optional(),
})

/** The body if it is JSON of this schema, else undefined: gateways answer with HTML. */
export function readBody<Schema extends z.ZodType>(
  schema: Schema,
  body: string,
): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}

/** `403 not.authorized`. */
function causeOf({ status, body }: HttpAnswer): string {
  const code = readBody(errorBody, body)?.code
  const isCode = code !== undefined && code.length <= maxErrorCodeLength && errorCode.test(code)
  return isCode ? `${status} ${code}` : String(status)
}

function describeError({ status, headers, body }: HttpAnswer): string {
  const parsed = readBody(errorBody, body) ?? {}
  const correlationId = headers['inin-correlation-id'] ?? parsed.contextId
  const parts = [String(status), parsed.code, parsed.message?.slice(0, 500)].filter(
    (part) => part !== undefined,
  )
  return `${parts.join(' ')}${correlationId === undefined ? '' : ` (correlation id ${String(correlationId)})`}`
}
