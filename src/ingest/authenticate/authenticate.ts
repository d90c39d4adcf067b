import { verifyHubSignature } from './hub-signature.ts'
import { type Credentials, header, hmacKey, tokenDigest, type Verdict } from './secrets.ts'
import { verifyStandardWebhook } from './standard-webhooks.ts'
import { verifyToken } from './tokens.ts'

export type Authenticate = (credentials: Credentials, now: number) => Verdict

export interface AuthenticateOptions {
  readonly auth: 'required' | 'none'
  readonly secrets: readonly string[]
  readonly tokens: readonly string[]
}

/** Any one scheme that fits lets the request in. Pure: time is passed in. */
export function createAuthenticate({ auth, secrets, tokens }: AuthenticateOptions): Authenticate {
  if (auth === 'none') return () => ({ accepted: true, scheme: 'none', position: 0 })
  const keys = secrets.map(hmacKey)
  const digests = tokens.map(tokenDigest)
  return (credentials, now) => {
    const verdicts: Verdict[] = []
    if (header(credentials, 'webhook-signature') !== undefined && keys.length > 0) {
      verdicts.push(verifyStandardWebhook(credentials, keys, now))
    }
    if (header(credentials, 'x-hub-signature-256') !== undefined && keys.length > 0) {
      verdicts.push(verifyHubSignature(credentials, keys))
    }
    if (digests.length > 0) verdicts.push(verifyToken(credentials, digests))
    return (
      verdicts.find((verdict) => verdict.accepted) ??
      verdicts[0] ?? { accepted: false, cause: 'no signature that this service checks' }
    )
  }
}
