import { z } from 'zod'
import type { Http, HttpAnswer, HttpRequest } from '../http/client.ts'
import { type Answer, apiAnswerOf, classify, outage, pauseAfter429, readBody } from './classify.ts'

/** One authenticated call. `body` is the response body, if there was a response. Never rejects or retries. */
export type Call = (
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
) => Promise<{ readonly answer: Answer; readonly body?: string }>

export function createCall(deps: TokensDeps): Call {
  const { http, now } = deps
  const tokens = createTokens(deps)
  return async (request) => {
    const token = await tokens.get()
    if (token.kind !== 'token') return { answer: token }
    const headers = { authorization: `Bearer ${token.token}`, 'content-type': 'application/json' }
    const result = await http({ ...request, headers })
    if (result.kind === 'failed')
      return { answer: { kind: 'unavailable', detail: result.detail, cause: result.detail } }
    const api = apiAnswerOf(result.answer)
    if (api.status === 401) {
      const answer: Answer =
        tokens.rejected(token.token) === 'renewable'
          ? { kind: 'token_expired', detail: 'the API refuses the token (401)', api }
          : { kind: 'credentials_refused', detail: 'the API refuses new tokens too (401)', api }
      return { answer }
    }
    tokens.accepted()
    return { answer: { ...classify(result.answer, now()), api }, body: result.answer.body }
  }
}

export type TokenResult =
  | { readonly kind: 'token'; readonly token: string }
  | Extract<Answer, { kind: 'credentials_refused' | 'unavailable' | 'rate_limited' }>

export interface Tokens {
  /** The current token, or a new one. Concurrent callers share one request. Never rejects. */
  get(): Promise<TokenResult>
  /** Reports that the API accepted the token. */
  accepted(): void
  /** Reports that the API refused the token. `refused`: it refused the previous one too, so a new one will not help. */
  rejected(token: string): 'renewable' | 'refused'
}

export interface TokensDeps {
  readonly http: Http
  readonly loginUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly now: () => number
}

/** Renew this long before expiry, or in the last tenth of a short life. */
const renewBeforeMs = 60_000
const defaultLifeSeconds = 86_400

/** Seconds as a number or numeric string. Other values count as absent. */
const lifeSeconds = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\s*\d+(\.\d+)?\s*$/)
      .transform(Number),
  ])
  .pipe(z.number().positive())
  .catch(defaultLifeSeconds)

const tokenBody = z.object({
  access_token: z.string().min(1),
  expires_in: lifeSeconds,
})
/** RFC 6749, 5.2; Genesys Cloud writes `description`. */
const refusalBody = z.object({
  error: z.string(),
  description: z.string().optional(),
  error_description: z.string().optional(),
})

/** A captive portal, a proxy's error page or a wrong host does not mean that the credentials are wrong. */
const notATokenEndpoint = (status: number): string =>
  `status ${status} without an OAuth response, so this is not a token endpoint: check GENESYS_LOGIN_URL or the proxy`

/** RFC 6749: 400 or 401 with a JSON `error`. Other responses do not tell whether the credentials are valid. */
const refusalStatuses: readonly number[] = [400, 401, 403]

const unavailable = ({ cause, ...rest }: ReturnType<typeof outage>): TokenResult => {
  const detail = `token endpoint: ${cause}`
  return { kind: 'unavailable', detail, cause: detail, ...rest }
}

/** OAuth client credentials: no refresh token, each renewal requests a new token. One token serves all calls. */
export function createTokens({ http, loginUrl, clientId, clientSecret, now }: TokensDeps): Tokens {
  let current: { token: string; renewAt: number } | undefined
  let pendingRequest: Promise<TokenResult> | undefined
  let consecutiveRejections = 0

  async function request(): Promise<TokenResult> {
    const answer = await http({
      method: 'POST',
      url: `${loginUrl}/oauth/token`,
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    })
    if (answer.kind === 'failed') return unavailable({ cause: answer.detail })
    return read(answer.answer)
  }

  function read(answer: HttpAnswer): TokenResult {
    const { status, headers, body } = answer
    if (status === 429) return { kind: 'rate_limited', retryAfterMs: pauseAfter429(headers, now()) }
    if (status === 408 || status >= 500) return unavailable(outage(answer, now()))
    const parsed = status >= 200 && status < 300 ? readBody(tokenBody, body) : undefined
    if (parsed !== undefined) {
      const lifeMs = parsed.expires_in * 1000
      current = { token: parsed.access_token, renewAt: now() + lifeMs - Math.min(renewBeforeMs, lifeMs / 10) }
      return { kind: 'token', token: parsed.access_token }
    }
    const refusal = readBody(refusalBody, body)
    if (refusal === undefined || !refusalStatuses.includes(status))
      return unavailable({ cause: notATokenEndpoint(status) })
    const description = refusal.description ?? refusal.error_description
    const reason = [status, refusal.error, description].filter((part) => part !== undefined).join(' ')
    return { kind: 'credentials_refused', detail: `token endpoint: ${reason}` }
  }

  return {
    get: async () => {
      if (current !== undefined && now() < current.renewAt) return { kind: 'token', token: current.token }
      pendingRequest ??= request().finally(() => {
        pendingRequest = undefined
      })
      return pendingRequest
    },
    accepted: () => {
      consecutiveRejections = 0
    },
    rejected: (token) => {
      if (current?.token === token) {
        current = undefined
        consecutiveRejections += 1
      }
      return consecutiveRejections > 1 ? 'refused' : 'renewable'
    },
  }
}
