import { z } from 'zod'
import type { Http, HttpAnswer } from '../http/client.ts'
import { outage, pauseAfter429 } from './classify.ts'

export type TokenResult =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'credentials_refused'; readonly detail: string }
  | {
      readonly kind: 'unavailable'
      readonly detail: string
      readonly cause: string
      readonly retryAfterMs?: number
    }
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number | undefined }

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
    const parsed = status >= 200 && status < 300 ? tokenBody.safeParse(parseJson(body)).data : undefined
    if (parsed !== undefined) {
      const lifeMs = parsed.expires_in * 1000
      current = { token: parsed.access_token, renewAt: now() + lifeMs - Math.min(renewBeforeMs, lifeMs / 10) }
      return { kind: 'token', token: parsed.access_token }
    }
    const refusal = refusalBody.safeParse(parseJson(body)).data
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
