import { validateHeaderName, validateHeaderValue } from 'node:http'
import { z } from 'zod'

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

/**
 * Rejects framing headers: a wrong one would break the connection for later calls.
 */
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
