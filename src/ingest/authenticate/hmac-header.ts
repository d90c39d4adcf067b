import { type Credentials, isRecent, type Verdict } from './credentials.ts'
import { maxSignatures, type SigningKeys } from './signing-keys.ts'

/**
 * The header that WEBHOOK_HMAC_HEADER names (`name` in lower case). Without a part `t=`, its signatures are HMAC-SHA256 of
 * the raw body. With it, they are of `<t>.<body>` (Stripe) or `<t>,<body>` (Convoy), and `t` must be recent.
 */
export function verifyHmacHeader(
  value: string,
  { rawBody }: Pick<Credentials, 'rawBody'>,
  { keys, now, name }: { keys: SigningKeys; now: number; name: string },
): Verdict {
  const { timestamp, digests } = readSignatures(value)
  if (digests.length === 0)
    return { accepted: false, cause: `${name} has no HMAC-SHA256 in hexadecimal digits or base64` }
  if (timestamp !== undefined && !isRecent(timestamp, now))
    return { accepted: false, cause: `the time of ${name} is more than 5 minutes off` }
  const contents =
    timestamp === undefined ? [[rawBody]] : [`${timestamp}.`, `${timestamp},`].map((head) => [head, rawBody])
  const positions = contents.map((parts) => keys.match(digests, parts))
  const matching = positions.filter((position) => position > 0)
  return matching.length > 0
    ? { accepted: true, scheme: 'hmac_header', position: Math.min(...matching) }
    : { accepted: false, cause: `${name} matches no secret` }
}

/** The comma-separated parts of a signature header. Parts that are neither a time nor a signature are ignored. */
export function readSignatures(value: string): {
  /** As sent: the signature covers this text. */
  readonly timestamp: string | undefined
  readonly digests: readonly Buffer[]
} {
  const parts = value.split(',', 10 * maxSignatures).map((part) => part.trim())
  const timestamp = parts.find((part) => part.startsWith('t='))?.slice('t='.length)
  const digests = parts.flatMap(digestOf).slice(0, maxSignatures)
  return { timestamp, digests }
}

/** Reads 32 bytes in hexadecimal digits, base64 or base64url. Of several texts for the same bytes, any is accepted. */
export function digestOf(part: string): readonly Buffer[] {
  const [, hex, base64] = /^(?:(?:sha256|v[01])=)?(?:([0-9a-f]{64})|([\w+/-]{43})=?)$/i.exec(part) ?? []
  if (hex !== undefined) return [Buffer.from(hex, 'hex')]
  // Node.js reads base64url as base64 too.
  return base64 === undefined ? [] : [Buffer.from(base64, 'base64')]
}
