import { validateHeaderName, validateHeaderValue } from 'node:http'
import { z } from 'zod'

const path = z.string().regex(/^\/[^*?]*\*?$/, 'must begin with "/" and may hold one "*", at its end')

const refusedHeaders = 'its name or value is not valid in HTTP, or the simulator needs it to frame the answer'

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
 * - `match`: which requests it hits, default all. `path` without query, exact, or a prefix when it ends in
 *   `*`.
 * - `times`: how many of them, default 1.
 * - `status` (200–599): answer with this, before anything else looks at the request. `body` (default: the
 *   usual error body of that status) and `headers` (a null leaves a default header such as `Retry-After` out)
 *   go with it.
 * - `headers` without a `status`: the usual answer with these headers changed, such as other rate headers or none.
 * - `reset`: break the connection off without an answer.
 * - `delayMs`: wait first; then `status` or `reset` if given, else go on normally.
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
/** A fault as it is kept; `times` counts down. */
export type Fault = z.output<typeof faultInputSchema>

/**
 * Framing headers are not the fault's to set: a wrong one would break the connection for the calls after it.
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
