import { type Credentials, header, type Verdict } from './credentials.ts'
import { hmacKey, verifyHubSignature, verifyStandardWebhook } from './signatures.ts'
import { tokenDigest, verifyToken } from './tokens.ts'

/** Decides whether a request comes from a known sender. Pure: the time is an argument. */
export interface Authentication {
  /** True if a header has a signature that the service checks. */
  needsBody(headers: Credentials['headers']): boolean
  /** One matching scheme is enough. `now`: epoch ms. */
  verify(credentials: Credentials, now: number): Verdict
}

export interface AuthenticationOptions {
  readonly auth: 'required' | 'none'
  /** HMAC secrets and tokens, newest first; all are valid. */
  readonly secrets: readonly string[]
  readonly tokens: readonly string[]
}

const signatureSchemes = [
  { header: 'webhook-signature', verify: verifyStandardWebhook },
  { header: 'x-hub-signature-256', verify: verifyHubSignature },
] as const

export function createAuthentication({ auth, secrets, tokens }: AuthenticationOptions): Authentication {
  if (auth === 'none')
    return { needsBody: () => false, verify: () => ({ accepted: true, scheme: 'none', position: 0 }) }
  const keys = secrets.map(hmacKey)
  const digests = tokens.map(tokenDigest)
  const isSigned = (headers: Credentials['headers'], name: string): boolean =>
    keys.length > 0 && header({ headers }, name) !== undefined
  return {
    needsBody: (headers) => signatureSchemes.some((scheme) => isSigned(headers, scheme.header)),
    verify: (credentials, now) => {
      let refusal: Verdict | undefined
      for (const scheme of signatureSchemes) {
        if (!isSigned(credentials.headers, scheme.header)) continue
        const verdict = scheme.verify(credentials, keys, now)
        if (verdict.accepted) return verdict
        refusal ??= verdict
      }
      if (digests.length > 0) {
        const verdict = verifyToken(credentials, digests)
        if (verdict.accepted) return verdict
        refusal ??= verdict
      }
      return refusal ?? { accepted: false, cause: 'no signature that this service checks' }
    },
  }
}
