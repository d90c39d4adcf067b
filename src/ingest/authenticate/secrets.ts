import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'

/** What a request shows to prove who sent it. Header names are lower-case. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawBody: Uint8Array
}

/** How a request proved who sent it; `none`: nothing was asked for. */
export type Scheme = 'standard_webhooks' | 'hub_signature' | 'token' | 'none'

/**
 * Accepted or not; the cause is for the log only, never for the answer. `position` is that of the secret or token in
 * its list, 1 the newest; 0 with the scheme `none`.
 */
export type Verdict =
  | { accepted: true; scheme: Scheme; position: number }
  | { accepted: false; cause: string }

/** The single value of a header; undefined when it is absent or was sent several times. */
export const header = (credentials: Pick<Credentials, 'headers'>, name: string): string | undefined => {
  const value = credentials.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** `whsec_<base64>` is the form of Standard Webhooks; anything else is the key's own text. */
export const hmacKey = (secret: string): KeyObject =>
  createSecretKey(
    secret.startsWith('whsec_')
      ? Buffer.from(secret.slice('whsec_'.length), 'base64')
      : Buffer.from(secret, 'utf8'),
  )

/** HMAC-SHA256 of the parts, one after the other. */
export function hmac(key: KeyObject, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

/**
 * The place of `given` among the accepted values, from 1; 0: it is none of them. In a time that tells nothing of
 * either: both sides are hashed to the same length, and every accepted value is compared, also after a match.
 */
export function positionOf(given: Uint8Array | string, accepted: readonly (Uint8Array | string)[]): number {
  const digest = sha256(given)
  let position = 0
  for (let index = accepted.length; index > 0; index -= 1) {
    const matches = timingSafeEqual(digest, sha256(accepted[index - 1] ?? ''))
    position = matches ? index : position
  }
  return position
}

/** Whether `given` is one of `accepted`, in the same way. */
export const matchesAny = (given: Uint8Array | string, accepted: readonly (Uint8Array | string)[]): boolean =>
  positionOf(given, accepted) > 0

/** The newest of the accepted values that one of the given ones is; 0: none is. Every given one is compared. */
export const newestOf = (
  given: readonly (Uint8Array | string)[],
  accepted: readonly (Uint8Array | string)[],
): number => {
  const found = given.map((value) => positionOf(value, accepted)).filter((position) => position > 0)
  return found.length === 0 ? 0 : Math.min(...found)
}

const sha256 = (value: Uint8Array | string): Buffer => hash('sha256', value, 'buffer')
