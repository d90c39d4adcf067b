import type { Credentials, Verdict } from './credentials.ts'
import { digestOf } from './hmac-header.ts'
import type { SigningKeys } from './signing-keys.ts'

const prefix = 'sha256='

/** `X-Hub-Signature-256: sha256=<HMAC-SHA256 of the raw body>`; GitHub sends hex, Genesys Open Messaging base64. */
export function verifyHubSignature(
  value: string,
  { rawBody }: Pick<Credentials, 'rawBody'>,
  keys: SigningKeys,
): Verdict {
  const given = value.startsWith(prefix) ? digestOf(value) : []
  if (given.length === 0)
    return {
      accepted: false,
      cause: 'x-hub-signature-256 is not sha256= and an HMAC-SHA256 in hexadecimal digits or base64',
    }
  const position = keys.match(given, [rawBody])
  return position > 0
    ? { accepted: true, scheme: 'hub_signature', position }
    : { accepted: false, cause: 'x-hub-signature-256 matches no secret' }
}
