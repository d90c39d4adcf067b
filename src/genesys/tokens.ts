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
  /** The current token, or a new one; however many wait, one request is under way. Never rejects. */
  get(): Promise<TokenResult>
  /** The API took the token. */
  accepted(): void
  /** The API refused the token. `refused`: so was the one before it, hence a new one will not help. */
  rejected(token: string): 'renewable' | 'refused'
}

export interface TokensDeps {
  readonly http: Http
  readonly loginUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly now: () => number
}

/** A token is replaced this long before it expires, or in the last tenth of a short life. */
const renewBeforeMs = 60_000
const defaultLifeSeconds = 86_400

/** Seconds, as a number or as text. Any other value counts as absent. */
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

/** A captive portal, a proxy's error page or a wrong host: nothing that says the credentials are wrong. */
const notATokenEndpoint = (status: number): string =>
  `answered ${status} without an OAuth answer, so it is not a token endpoint: check GENESYS_LOGIN_URL or the proxy`

/** RFC 6749 answers 400 or 401 with a JSON `error`. Other statuses and bodies say nothing about the credentials. */
const refusalStatuses: readonly number[] = [400, 401, 403]

const unavailable = ({ cause, ...rest }: ReturnType<typeof outage>): TokenResult => {
  const detail = `token endpoint: ${cause}`
  return { kind: 'unavailable', detail, cause: detail, ...rest }
}

/** OAuth client credentials (no refresh token exists: a new one is asked for). One token serves all calls. */
export function createTokens({ http, loginUrl, clientId, clientSecret, now }: TokensDeps): Tokens {
  let current: { token: string; renewAt: number } | undefined
  let underWay: Promise<TokenResult> | undefined
  let rejectedInARow = 0

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
      underWay ??= request().finally(() => {
        underWay = undefined
      })
      return underWay
    },
    accepted: () => {
      rejectedInARow = 0
    },
    rejected: (token) => {
      if (current?.token === token) {
        current = undefined
        rejectedInARow += 1
      }
      return rejectedInARow > 1 ? 'refused' : 'renewable'
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
