import { timingSafeEqual } from 'node:crypto'

/** The parts of a request that authenticate its sender. Header names are lower-case. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawBody: Uint8Array
}

/** How a request was authenticated; `none`: authentication is off. */
export type Scheme = 'standard_webhooks' | 'hub_signature' | 'token' | 'none'

/**
 * `position`: which secret or token of the configured list matched, 1 the newest; 0 with the scheme `none`. `cause` is
 * for the log only, never for the response.
 */
export type Verdict =
  | { accepted: true; scheme: Scheme; position: number }
  | { accepted: false; cause: string }

/** The single value of a header; undefined when it is absent or was sent several times. */
export const header = (credentials: Pick<Credentials, 'headers'>, name: string): string | undefined => {
  const value = credentials.headers[name]
  return typeof value === 'string' ? value : undefined
}

/**
 * The position of `given` among the accepted digests, from 1; 0: no match. Takes the same time for every position and for
 * no match: each accepted digest is compared, also after a match. Only a different length is quicker, and the length of a
 * digest is public.
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

/** The lowest position among the accepted digests that any of the given ones matches; 0: none. Compares every given one. */
export function newestOf(given: readonly Uint8Array[], accepted: readonly Uint8Array[]): number {
  let newest = 0
  for (const digest of given) {
    const position = positionOf(digest, accepted)
    if (position > 0 && (newest === 0 || position < newest)) newest = position
  }
  return newest
}
