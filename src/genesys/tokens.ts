import { z } from 'zod'
import type { Http, HttpAnswer } from '../http/client.ts'
import { type Answer, outage, pauseAfter429, readBody } from './classify.ts'

type NoToken = Extract<Answer, { kind: 'credentials_refused' | 'unavailable' | 'rate_limited' }>

export type TokenResult = { readonly kind: 'token'; readonly token: string } | NoToken

/** The tokens of one OAuth client. */
export interface Tokens {
  /** The current token, or a new one. Concurrent callers share one request. Never rejects. */
  get(): Promise<TokenResult>
  /** Reports an answer of the API that shows that it accepted the token. */
  accepted(): void
  /**
   * Reports that the API refused this token. `renewable`: the next `get` requests a new one; `not_renewable`: the API refused
   * several tokens in a row and accepted none in between, so a new one will not help.
   */
  refused(token: string): 'renewable' | 'not_renewable'
}

/** An OAuth client, and how to reach Genesys Cloud. */
export interface ClientDeps {
  readonly http: Http
  readonly loginUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly now: () => number
}

/** A token is renewed this long before it expires; one that lives less than ten minutes, in the last tenth of its life. */
const renewBeforeMs = 60_000

/** The life of a token whose response does not name it: the default of Genesys Cloud. */
const defaultLifeSeconds = 86_400

/** Seconds as a number or numeric string. Stricter than coercion, which would read `true` as one second. */
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

/**
 * With one of these statuses, a JSON `error` refuses the client: 400 and 401 by RFC 6749, 5.2; some servers use 403 instead.
 * Other responses do not tell whether the credentials are valid.
 */
const refusalStatuses: readonly number[] = [400, 401, 403]

/** OAuth client credentials: no refresh token, each renewal requests a new token. One token serves all calls. */
export function createTokens({ http, loginUrl, clientId, clientSecret, now }: ClientDeps): Tokens {
  let current: { readonly token: string; readonly renewAt: number } | undefined
  let pendingRequest: Promise<TokenResult> | undefined
  let consecutiveRefusals = 0

  async function requestToken(): Promise<TokenResult> {
    const result = await http({
      method: 'POST',
      url: `${loginUrl}/oauth/token`,
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    })
    if (result.kind === 'failed') return unavailable({ cause: result.detail })
    const at = now()
    const issued = readIssuedToken(result.answer)
    if (issued === undefined) return noTokenIn(result.answer, at)
    const { access_token: token } = issued
    const lifeMs = issued.expires_in * 1_000
    current = { token, renewAt: at + lifeMs - Math.min(renewBeforeMs, lifeMs / 10) }
    return { kind: 'token', token }
  }

  return {
    get: async () => {
      if (current !== undefined && now() < current.renewAt) return { kind: 'token', token: current.token }
      pendingRequest ??= requestToken().finally(() => {
        pendingRequest = undefined
      })
      return pendingRequest
    },
    accepted: () => {
      consecutiveRefusals = 0
    },
    refused: (token) => {
      if (current?.token === token) {
        current = undefined
        consecutiveRefusals += 1
      }
      return consecutiveRefusals > 1 ? 'not_renewable' : 'renewable'
    },
  }
}

const readIssuedToken = ({ status, body }: HttpAnswer): z.output<typeof tokenBody> | undefined =>
  status >= 200 && status < 300 ? readBody(tokenBody, body) : undefined

/** Why the response has no token. A captive portal, a proxy's error page or a wrong host does not refuse the credentials. */
function noTokenIn(answer: HttpAnswer, now: number): NoToken {
  const { status, headers, body } = answer
  if (status === 429) return { kind: 'rate_limited', retryAfterMs: pauseAfter429(headers, now) }
  if (status === 408 || status >= 500) return unavailable(outage(answer, now))
  const refusal = readBody(refusalBody, body)
  if (refusal === undefined || !refusalStatuses.includes(status))
    return unavailable({
      cause: `status ${status} with neither a token nor a refusal of the client, so this is not a token endpoint: check GENESYS_LOGIN_URL or the proxy`,
    })
  const description = refusal.description ?? refusal.error_description
  const reason = [status, refusal.error, description].filter((part) => part !== undefined).join(' ')
  return { kind: 'credentials_refused', detail: `token endpoint: ${reason}` }
}

/** `cause` never quotes the response, so `detail` is also safe for logs. */
function unavailable({ cause, retryAfterMs }: ReturnType<typeof outage>): NoToken {
  const detail = `token endpoint: ${cause}`
  return {
    kind: 'unavailable',
    detail,
    cause: detail,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}
