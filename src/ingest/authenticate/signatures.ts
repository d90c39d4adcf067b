import { hash } from 'node:crypto'
import { type Credentials, header, newestOf, positionOf, type Verdict } from './credentials.ts'

/** Returns the base64 HMAC-SHA256 of `head` followed by `body`, with one key. */
export type Hmac = (head: string, body: Uint8Array) => string

/** `whsec_<base64>` is the Standard Webhooks form. For any other secret, the key is its UTF-8 text. */
export const hmacKey = (secret: string): Hmac =>
  createHmacSha256(
    secret.startsWith('whsec_')
      ? Buffer.from(secret.slice('whsec_'.length), 'base64')
      : Buffer.from(secret, 'utf8'),
  )

const toleranceMs = 5 * 60_000

/**
 * Standard Webhooks 1.0 (standardwebhooks.com): `webhook-signature` contains one or more space-separated
 * `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; one match is enough.
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
  // Compared as text, because several base64 texts decode to the same bytes.
  const head = `${id}.${timestamp}.`
  const expected = keys.map((key) => Buffer.from(key(head, credentials.rawBody)))
  const position = newestOf(given, expected)
  return position > 0
    ? { accepted: true, scheme: 'standard_webhooks', position }
    : { accepted: false, cause: 'webhook-signature matches no secret' }
}

/** `X-Hub-Signature-256: sha256=<HMAC-SHA256 of the raw body>`; GitHub sends hex, Genesys Open Messaging base64. */
export function verifyHubSignature(credentials: Credentials, keys: readonly Hmac[]): Verdict {
  const signature = header(credentials, 'x-hub-signature-256')
  if (signature === undefined) return { accepted: false, cause: 'x-hub-signature-256 is missing' }
  const match = /^sha256=(?:([0-9a-fA-F]{64})|([A-Za-z0-9+/]{43}=))$/.exec(signature)
  const given =
    match?.[1] !== undefined ? Buffer.from(match[1], 'hex') : Buffer.from(match?.[2] ?? '', 'base64')
  const expected = keys.map((key) => Buffer.from(key('', credentials.rawBody), 'base64'))
  const position = positionOf(given, expected)
  return position > 0
    ? { accepted: true, scheme: 'hub_signature', position }
    : { accepted: false, cause: 'x-hub-signature-256 matches no secret' }
}

/** Of SHA-256, in bytes. */
const blockLength = 64
const digestLength = 32

/**
 * HMAC (RFC 2104) with the one-shot hash and precomputed key blocks. `createHmac` allocates objects for each call, which
 * costs more than hashing an event.
 */
export function createHmacSha256(key: Uint8Array): Hmac {
  const block = Buffer.alloc(blockLength)
  block.set(key.length > blockLength ? hash('sha256', key, 'buffer') : key)
  const inner = block.map((byte) => byte ^ 0x36)
  const outer = Buffer.alloc(blockLength + digestLength)
  outer.set(block.map((byte) => byte ^ 0x5c))
  return (head, body) => {
    const headLength = Buffer.byteLength(head)
    const message = Buffer.allocUnsafe(blockLength + headLength + body.length)
    message.set(inner)
    message.write(head, blockLength)
    message.set(body, blockLength + headLength)
    // A `binary` string has one character per byte and is created faster than a buffer.
    outer.write(hash('sha256', message, 'binary'), blockLength, 'binary')
    return hash('sha256', outer, 'base64')
  }
}
