import { type Credentials, header, type Verdict } from './credentials.ts'
import type { SigningKeys } from './signing-keys.ts'

/** `X-Hub-Signature-256: sha256=<HMAC-SHA256 of the raw body>`; GitHub sends hex, Genesys Open Messaging base64. */
export function verifyHubSignature(credentials: Credentials, keys: SigningKeys): Verdict {
  const signature = header(credentials, 'x-hub-signature-256')
  if (signature === undefined) return { accepted: false, cause: 'x-hub-signature-256 is missing' }
  const match = /^sha256=(?:([0-9a-fA-F]{64})|([A-Za-z0-9+/]{43}=))$/.exec(signature)
  const given =
    match?.[1] !== undefined ? Buffer.from(match[1], 'hex') : Buffer.from(match?.[2] ?? '', 'base64')
  const position = keys.match([given], [credentials.rawBody])
  return position > 0
    ? { accepted: true, scheme: 'hub_signature', position }
    : { accepted: false, cause: 'x-hub-signature-256 matches no secret' }
}
