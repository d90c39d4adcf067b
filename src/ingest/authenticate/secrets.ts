import { hash, timingSafeEqual } from 'node:crypto'
import { createHmacSha256, type Hmac } from './hmac.ts'

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
export const hmacKey = (secret: string): Hmac =>
  createHmacSha256(
    secret.startsWith('whsec_')
      ? Buffer.from(secret.slice('whsec_'.length), 'base64')
      : Buffer.from(secret, 'utf8'),
  )

/**
 * The place of `given` among the accepted digests, from 1; 0: it is none of them. In a time that tells nothing but whether
 * the lengths are the same, and that of a digest is known: every accepted one is compared, also after a match.
 */
export function positionOf(given: Uint8Array, accepted: readonly Uint8Array[]): number {
  let position = 0
  for (let index = accepted.length; index > 0; index -= 1) {
    const one = accepted[index - 1]
    const matches = one?.length === given.length && timingSafeEqual(given, one)
    position = matches ? index : position
  }
  return position
}

/** The newest of the accepted digests that one of the given ones is; 0: none is. Every given one is compared. */
export function newestOf(given: readonly Uint8Array[], accepted: readonly Uint8Array[]): number {
  let newest = 0
  for (const digest of given) {
    const position = positionOf(digest, accepted)
    if (position > 0 && (newest === 0 || position < newest)) newest = position
  }
  return newest
}

/** What stands for a token where it is compared: of the same length for all, which tells nothing of theirs. */
export const tokenDigest = (token: string): Buffer => hash('sha256', token, 'buffer')
