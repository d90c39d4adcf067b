import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { type Credentials, header, newestOf, positionOf, type Verdict } from './credentials.ts'

/** `whsec_<base64>` is the Standard Webhooks form. For any other secret, the key is its UTF-8 text. */
export const hmacKey = (secret: string): KeyObject =>
  secret.startsWith('whsec_')
    ? createSecretKey(secret.slice('whsec_'.length), 'base64')
    : createSecretKey(secret, 'utf8')

const toleranceMs = 5 * 60_000

/**
 * Standard Webhooks 1.0 (standardwebhooks.com): `webhook-signature` contains one or more space-separated
 * `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; one match is enough.
 */
export function verifyStandardWebhook(
  credentials: Credentials,
  keys: readonly KeyObject[],
  now: number,
): Verdict {
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
  // Compared as text, because several base64 texts decode to the same bytes.
  const head = `${id}.${timestamp}.`
  const expected = keys.map((key) =>
    Buffer.from(createHmac('sha256', key).update(head).update(credentials.rawBody).digest('base64')),
  )
  const position = newestOf(given, expected)
  return position > 0
    ? { accepted: true, scheme: 'standard_webhooks', position }
    : { accepted: false, cause: 'webhook-signature matches no secret' }
}

/** `X-Hub-Signature-256: sha256=<HMAC-SHA256 of the raw body>`; GitHub sends hex, Genesys Open Messaging base64. */
export function verifyHubSignature(credentials: Credentials, keys: readonly KeyObject[]): Verdict {
  const signature = header(credentials, 'x-hub-signature-256')
  if (signature === undefined) return { accepted: false, cause: 'x-hub-signature-256 is missing' }
  const match = /^sha256=(?:([0-9a-fA-F]{64})|([A-Za-z0-9+/]{43}=))$/.exec(signature)
  const given =
    match?.[1] !== undefined ? Buffer.from(match[1], 'hex') : Buffer.from(match?.[2] ?? '', 'base64')
  const expected = keys.map((key) => createHmac('sha256', key).update(credentials.rawBody).digest())
  const position = positionOf(given, expected)
  return position > 0
    ? { accepted: true, scheme: 'hub_signature', position }
    : { accepted: false, cause: 'x-hub-signature-256 matches no secret' }
}
