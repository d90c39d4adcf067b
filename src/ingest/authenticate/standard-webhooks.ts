import { type Credentials, header, isRecent, type Verdict } from './credentials.ts'
import { maxSignatures, type SigningKeys } from './signing-keys.ts'

/** The prefixes of the three headers: `webhook-id` of Standard Webhooks, and `svix-id` of its first sender. */
export const webhookPrefixes = ['webhook', 'svix'] as const

/**
 * Standard Webhooks 1.0 (standardwebhooks.com): `webhook-signature` contains one or more space-separated
 * `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; one match is enough. Other versions are ignored.
 */
export function verifyStandardWebhook(
  signatures: string,
  credentials: Credentials,
  { keys, now, prefix }: { keys: SigningKeys; now: number; prefix: (typeof webhookPrefixes)[number] },
): Verdict {
  const id = header(credentials, `${prefix}-id`)
  const timestamp = header(credentials, `${prefix}-timestamp`)
  if (id === undefined || timestamp === undefined)
    return { accepted: false, cause: `${prefix}-id or ${prefix}-timestamp is missing` }
  if (!isRecent(timestamp, now))
    return { accepted: false, cause: `${prefix}-timestamp is more than 5 minutes off` }
  // Node.js joins a repeated header with a comma and a space.
  const given = signatures
    .split(/,? /, 10 * maxSignatures)
    .filter((part) => part.startsWith('v1,'))
    .slice(0, maxSignatures)
    .map((part) => Buffer.from(part.slice('v1,'.length)))
  // Compared as text, because several base64 texts decode to the same bytes.
  const position = keys.match(given, [`${id}.${timestamp}.`, credentials.rawBody], 'base64')
  return position > 0
    ? { accepted: true, scheme: 'standard_webhooks', position, signedId: id }
    : { accepted: false, cause: `${prefix}-signature matches no secret` }
}
