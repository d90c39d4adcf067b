import { createHash, timingSafeEqual } from 'node:crypto'

/** What a request shows to prove who sent it. Header names are lower-case. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawBody: Uint8Array
}

/** Accepted or not; the cause is for the log only, never for the answer. */
export type Verdict = { accepted: true } | { accepted: false; cause: string }

/** The single value of a header; undefined when it is absent or was sent several times. */
export const header = (credentials: Pick<Credentials, 'headers'>, name: string): string | undefined => {
  const value = credentials.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** `whsec_<base64>` is the form of Standard Webhooks; anything else is the key's own text. */
export const hmacKey = (secret: string): Buffer =>
  secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8')

/**
 * Whether `given` is one of `accepted`, in a time that tells nothing of either: both sides are hashed to the
 * same length, and every accepted value is compared, also after a match.
 */
export function matchesAny(given: Uint8Array | string, accepted: readonly (Uint8Array | string)[]): boolean {
  const digest = sha256(given)
  let matches = false
  for (const candidate of accepted) matches = timingSafeEqual(digest, sha256(candidate)) || matches
  return matches
}

const sha256 = (value: Uint8Array | string): Buffer => createHash('sha256').update(value).digest()
