import type { z } from 'zod'
import { createHttp, type Http, type HttpRequest } from '../http/client.ts'
import {
  type AdminStatus,
  adminStatus,
  changeAnswers,
  type DeadLetterPage,
  deadLetterPage,
  type EventDetail,
  type EventPage,
  eventDetail,
  eventPage,
  type PauseAnswer,
  pauseAnswer,
  type ShownLetter,
  shownLetter,
} from './admin/answers.ts'
import { explainAnswer, parseJson, unexpectedAnswer, unreachable } from './admin/explain-answer.ts'
import type { Selection } from './dead-letters/selection.ts'
import type { Change, Changed } from './dead-letters/source.ts'

/** Parameters of a list; undefined ones are not sent. */
type Query = Readonly<Record<string, string | number | undefined>>

/** The admin routes of a running service. Every method throws `CommandFailure` or `ConfigurationError`. */
export interface AdminClient {
  /** The service, without a trailing slash. */
  readonly url: string
  status(): Promise<AdminStatus>
  events(query: Query): Promise<EventPage>
  event(id: string): Promise<EventDetail>
  deadLetters(query: Query): Promise<DeadLetterPage>
  deadLetter(id: string): Promise<ShownLetter>
  /** May take minutes. */
  change(what: Change, selection: Selection): Promise<Changed>
  /** Stops all calls until `resume`, also across restarts of the service. */
  pause(reason: string | undefined): Promise<PauseAnswer>
  resume(): Promise<PauseAnswer>
  close(): void
}

const readTimeoutMs = 30_000
/** To replay or drop 1,000,000 dead letters takes minutes. */
const changeTimeoutMs = 3_600_000
/** A page has at most 500 items. */
const maxAnswerBytes = 32 * 1_048_576

export function createAdminClient({ url, token }: { url: string; token: string }): AdminClient {
  const reads = createHttp({ timeoutMs: readTimeoutMs, maxSockets: 2, maxAnswerBytes })
  const writes = createHttp({ timeoutMs: changeTimeoutMs, maxSockets: 1 })

  async function call<Schema extends z.ZodType>(
    http: Http,
    { method, path, body }: Pick<HttpRequest, 'method'> & { path: string; body?: unknown },
    schema: Schema,
  ): Promise<z.infer<Schema>> {
    const result = await http({
      method,
      url: `${url}${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (result.kind === 'failed') throw unreachable(url, result.detail)
    if (result.answer.status >= 300) throw explainAnswer(url, result.answer)
    const read = schema.safeParse(parseJson(result.answer.body))
    if (read.success) return read.data
    const [issue] = read.error.issues
    throw unexpectedAnswer(url, `${issue?.path.join('.') || 'the body'}: ${issue?.message}`)
  }
  const get = <Schema extends z.ZodType>(path: string, schema: Schema) =>
    call(reads.http, { method: 'GET', path }, schema)
  const post = <Schema extends z.ZodType>(path: string, body: unknown, schema: Schema) =>
    call(writes.http, { method: 'POST', path, body }, schema)

  return {
    url,
    status: () => get('/admin/status', adminStatus),
    events: (query) => get(`/admin/events${queryString(query)}`, eventPage),
    event: (id) => get(`/admin/events/${encodeURIComponent(id)}`, eventDetail),
    deadLetters: (query) => get(`/admin/dead-letters${queryString(query)}`, deadLetterPage),
    deadLetter: (id) => get(`/admin/dead-letters/${encodeURIComponent(id)}`, shownLetter),
    change: (what, selection) => post(`/admin/dead-letters/${what}`, toBody(selection), changeAnswers[what]),
    pause: (reason) => post('/admin/delivery/pause', reason === undefined ? {} : { reason }, pauseAnswer),
    resume: () => post('/admin/delivery/resume', {}, pauseAnswer),
    close: () => {
      reads.close()
      writes.close()
    },
  }
}

/** Times as ISO 8601. */
const toBody = (selection: Selection): object =>
  'since' in selection ? { ...selection, since: new Date(selection.since).toISOString() } : selection

function queryString(query: Query): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value))
  return parameters.size === 0 ? '' : `?${parameters}`
}
