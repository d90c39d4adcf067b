import type { Hmac } from './hmac.ts'
import { type Credentials, header, newestOf, type Verdict } from './secrets.ts'

const toleranceMs = 5 * 60_000

/**
 * Standard Webhooks 1.0 (standardwebhooks.com): `webhook-signature` holds one or several space-separated
 * `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; one that fits is enough.
 */
export function verifyStandardWebhook(credentials: Credentials, keys: readonly Hmac[], now: number): Verdict {
  const id = header(credentials, 'webhook-id')
  const timestamp = header(credentials, 'webhook-timestamp')
  const signatures = header(credentials, 'webhook-signature')
  if (id === undefined || timestamp === undefined || signatures === undefined) {
    return { accepted: false, cause: 'webhook-id, webhook-timestamp or webhook-signature is missing' }
  }
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1000) > toleranceMs) {
    return { accepted: false, cause: 'webhook-timestamp is more than 5 minutes off' }
  }
  const given = signatures
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .map((part) => Buffer.from(part.slice('v1,'.length)))
  // As text: what is no base64, or not the usual one, has no second way to say the same.
  const head = `${id}.${timestamp}.`
  const expected = keys.map((key) => Buffer.from(key(head, credentials.rawBody)))
  const position = newestOf(given, expected)
  return position > 0
    ? { accepted: true, scheme: 'standard_webhooks', position }
    : { accepted: false, cause: 'webhook-signature fits no secret' }
}
