import type { z } from 'zod'
import { adminStatus } from '../admin/admin-schemas.ts'
import { createHttp, type HttpRequest } from '../http/client.ts'
import { explainAnswer, parseJson, unexpectedAnswer, unreachable } from './admin/explain-answer.ts'

export type AdminStatus = z.infer<typeof adminStatus>

/** The admin routes of a running service. Every method throws `CommandFailure` or `ConfigurationError`. */
export interface AdminClient {
  /** The service, without a trailing slash. */
  readonly url: string
  status(): Promise<AdminStatus>
  close(): void
}

const readTimeoutMs = 30_000
/** A page has at most 500 items. */
const maxAnswerBytes = 32 * 1_048_576

export function createAdminClient({ url, token }: { url: string; token: string }): AdminClient {
  const reads = createHttp({ timeoutMs: readTimeoutMs, maxSockets: 2, maxAnswerBytes })

  async function call<Schema extends z.ZodType>(
    { method, path }: Pick<HttpRequest, 'method'> & { path: string },
    schema: Schema,
  ): Promise<z.infer<Schema>> {
    const result = await reads.http({
      method,
      url: `${url}${path}`,
      headers: { authorization: `Bearer ${token}` },
    })
    if (result.kind === 'failed') throw unreachable(url, result.detail)
    const { status, body } = result.answer
    if (status >= 300) throw explainAnswer(url, result.answer)
    const read = schema.safeParse(parseJson(body))
    if (read.success) return read.data
    const [issue] = read.error.issues
    throw unexpectedAnswer(url, `${issue?.path.join('.') || 'the body'}: ${issue?.message}`)
  }

  return {
    url,
    status: () => call({ method: 'GET', path: '/admin/status' }, adminStatus),
    close: () => reads.close(),
  }
}
