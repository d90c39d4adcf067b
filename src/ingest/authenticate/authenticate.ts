import { beginsWithJson } from './begins-with-json.ts'
import { type Credentials, credentialHeader, header, type Refused, type Verdict } from './credentials.ts'
import { verifyHmacHeader } from './hmac-header.ts'
import { verifyHubSignature } from './hub-signature.ts'
import { createSigningKeys } from './signing-keys.ts'
import { isSnsRequest, type SnsVerifier, snsMessageOf } from './sns-signature.ts'
import { verifyStandardWebhook, webhookPrefixes } from './standard-webhooks.ts'
import { bearer, tokenDigest, verifyToken } from './tokens.ts'

/** Verifies a JWT. Never rejects. `now`: epoch ms. */
export type JwtVerifier = (token: string, now: number) => Promise<Verdict>

/** Decides whether a request comes from a known sender. The time is an argument; the given verifiers fetch keys. */
export interface Authentication {
  /** True if the body is needed to verify a credential of the request. */
  needsBody(headers: Credentials['headers']): boolean
  /** Checks the credentials that need no fetched key. One matching scheme is enough. `now`: epoch ms. */
  verify(credentials: Credentials, now: number): Verdict
  /**
   * Checks the credentials that may need a fetched key, after `verify` has refused the request with `refusal`. Undefined: the
   * request has none. Never rejects.
   */
  verifyFetched(credentials: Credentials, now: number, refusal: Refused): Promise<Verdict> | undefined
}

export interface AuthenticationOptions {
  readonly auth: 'required' | 'none'
  /** HMAC secrets and tokens, newest first; all are valid. */
  readonly secrets: readonly string[]
  readonly tokens: readonly string[]
  /** One more header with a signature; absent: none. */
  readonly hmacHeader?: string | undefined
  /** Absent: no JWT is accepted. */
  readonly jwt?: JwtVerifier | undefined
  /** Absent: no signature of Amazon SNS is accepted. */
  readonly sns?: SnsVerifier | undefined
}

/** A scheme that signs the body. */
interface SignatureScheme {
  /** The request has such a signature if it has this header. */
  readonly header: string
  /** `value`: of the header. */
  readonly verify: (value: string, credentials: Credentials, now: number) => Verdict
}

const noCredential: Refused = { accepted: false, cause: 'no credential that this service checks' }

export function createAuthentication(options: AuthenticationOptions): Authentication {
  const { auth, tokens, jwt, sns } = options
  if (auth === 'none')
    return {
      needsBody: () => false,
      verify: () => ({ accepted: true, scheme: 'none', position: 0 }),
      verifyFetched: () => undefined,
    }
  const schemes = signatureSchemes(options)
  const digests = tokens.map(tokenDigest)
  return {
    needsBody: (headers) =>
      schemes.some((scheme) => header({ headers }, scheme.header) !== undefined) ||
      (sns !== undefined && isSnsRequest(headers)),
    verify: (credentials, now) => {
      const refusals: Refused[] = []
      for (const scheme of schemes) {
        const value = credentialHeader(credentials, scheme.header)
        if (value === undefined) continue
        const verdict = scheme.verify(value, credentials, now)
        if (verdict.accepted) return verdict
        refusals.push(verdict)
      }
      if (digests.length > 0) {
        const verdict = verifyToken(credentials, digests)
        if (verdict.accepted) return verdict
        refusals.push(verdict)
      }
      return refusals.length > 0 ? joined(refusals) : noCredential
    },
    verifyFetched: (credentials, now, refusal) => {
      const token = jwt && bearer(credentials)
      const message = sns && snsMessageOf(credentials)
      const checks = [
        ...(jwt && token !== undefined ? [jwt(token, now)] : []),
        ...(sns && message ? [sns.check(message)] : []),
      ]
      return checks.length > 0 ? anyOf(refusal, checks) : undefined
    },
  }
}

function signatureSchemes({ secrets, hmacHeader }: AuthenticationOptions): readonly SignatureScheme[] {
  if (secrets.length === 0) return []
  const keys = createSigningKeys(secrets)
  const named = hmacHeader?.toLowerCase()
  return [
    ...webhookPrefixes.map((prefix) => ({
      header: `${prefix}-signature`,
      verify: (value: string, credentials: Credentials, now: number) =>
        verifyStandardWebhook(value, credentials, { keys, now, prefix }),
    })),
    {
      header: 'x-hub-signature-256',
      verify: forJson((value, credentials) => verifyHubSignature(value, credentials, keys)),
    },
    ...(named === undefined
      ? []
      : [
          {
            header: named,
            verify: forJson((value, credentials, now) =>
              verifyHmacHeader(value, credentials, { keys, now, name: named }),
            ),
          },
        ]),
  ]
}

/**
 * Refuses a body that does not begin with JSON. Standard Webhooks signs `id.timestamp.body` and Stripe `time.body`, with the same
 * secret and algorithm. Without this check, somebody who recorded such a request could send the signed text as a body, any time
 * later, with a signature of the body alone: of several lines, the service would reject the first and read the others.
 */
const forJson =
  (verify: SignatureScheme['verify']): SignatureScheme['verify'] =>
  (value, credentials, now) => {
    const verdict = verify(value, credentials, now)
    return !verdict.accepted || beginsWithJson(credentials.rawBody)
      ? verdict
      : { accepted: false, cause: 'the signature is valid, but the body does not begin with JSON' }
  }

/**
 * One accepted credential is enough; if none is, one that may be valid wins over one that is not. `refusal`: of the credentials
 * that need no fetched key.
 */
async function anyOf(refusal: Refused, checks: readonly Promise<Verdict>[]): Promise<Verdict> {
  const verdicts = await Promise.all(checks)
  const refusals = verdicts.filter((verdict): verdict is Refused => !verdict.accepted)
  return (
    verdicts.find(({ accepted }) => accepted) ??
    refusals.find(({ unavailable }) => unavailable !== undefined) ??
    joined(refusal === noCredential ? refusals : [refusal, ...refusals], isMissing([refusal, ...refusals]))
  )
}

const isMissing = (refusals: readonly Refused[]): boolean => refusals.every(({ missing }) => missing === true)

/** Has the causes of all credentials, because the service does not know which one the sender meant to be valid. */
function joined(refusals: readonly Refused[], missing = isMissing(refusals)): Refused {
  const cause = refusals.map((refusal) => refusal.cause).join('; ')
  return { accepted: false, cause, ...(missing && { missing }) }
}
