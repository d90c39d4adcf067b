import { timingSafeEqual } from 'node:crypto'

/** The parts of a request that authenticate its sender. Header names are lower-case. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawBody: Buffer
}

/** The credentials that a request can have. */
export const credentialSchemes = [
  'token',
  'standard_webhooks',
  'hub_signature',
  'hmac_header',
  'jwt',
  'sns',
] as const

export type CredentialScheme = (typeof credentialSchemes)[number]

/** How a request was authenticated; `none`: authentication is off. */
export type Scheme = CredentialScheme | 'none'

/** The schemes whose keys the service fetches. */
export type FetchedScheme = Extract<Scheme, 'jwt' | 'sns'>

/**
 * `position`: the position of the matching secret, token, audience or topic in its configured list, 1 for the newest; 0 for
 * the scheme `none`. `signedId`: the id of the delivery, if the signature covers one.
 */
export interface Accepted {
  readonly accepted: true
  readonly scheme: Scheme
  readonly position: number
  readonly signedId?: string
}

/**
 * `cause` is only for the log, never for the response. `unavailable`: the service could not fetch the key that decides, so
 * the credential may be valid. `missing`: the request has no token at all, nor another credential for this service.
 */
export interface Refused {
  readonly accepted: false
  readonly cause: string
  readonly unavailable?: FetchedScheme
  readonly missing?: true
}

export type Verdict = Accepted | Refused

/** The value of a header; undefined if absent. Node.js joins a repeated header with `, `. */
export const header = (credentials: Pick<Credentials, 'headers'>, name: string): string | undefined => {
  const value = credentials.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** The value of a header with a credential. Of one that a proxy has sent several times, with the same value each time: that value. */
export function credentialHeader(
  credentials: Pick<Credentials, 'headers'>,
  name: string,
): string | undefined {
  const value = header(credentials, name)
  if (value === undefined || !value.includes(',')) return value
  const [first, ...others] = value.split(',').map((part) => part.trim())
  return others.every((other) => other === first) ? first : value
}

/** Signed timestamps may differ from the service's clock by this much. */
const toleranceMs = 5 * 60_000

/** Whether the text is a time in epoch seconds, within the tolerance of `now` (epoch ms). */
export const isRecent = (timestamp: string, now: number): boolean =>
  /^\d{1,12}$/.test(timestamp) && Math.abs(now - Number(timestamp) * 1000) <= toleranceMs

/**
 * The position of `given` among the accepted digests, from 1; 0: no match. It compares every accepted digest, also after a
 * match, so the time does not depend on the position. Only a different length is faster, and the length of a digest is
 * public.
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

/** The lowest position that any given digest matches; 0: no match. Compares every given digest. */
export function newestOf(given: readonly Uint8Array[], accepted: readonly Uint8Array[]): number {
  const positions = given.map((digest) => positionOf(digest, accepted)).filter((position) => position > 0)
  return positions.length > 0 ? Math.min(...positions) : 0
}
