import { hash } from 'node:crypto'
import { type Credentials, credentialHeader, newestOf, type Verdict } from './credentials.ts'

/** Digests have one length, so comparing them does not reveal the length of a token. */
export const tokenDigest = (token: string): Buffer => hash('sha256', token, 'buffer')

/**
 * `Authorization: Bearer <token>`, `X-API-Key: <token>`, `X-Amz-Firehose-Access-Key: <token>`, or HTTP basic with the token as
 * password. `accepted`: digests of the valid tokens.
 */
export function verifyToken(credentials: Credentials, accepted: readonly Uint8Array[]): Verdict {
  const given = [
    bearer(credentials),
    credentialHeader(credentials, 'x-api-key'),
    credentialHeader(credentials, 'x-amz-firehose-access-key'),
    basicPassword(credentials),
  ].filter((token) => token !== undefined)
  if (given.length === 0)
    return { accepted: false, cause: 'no bearer token, API key or basic password', missing: true }
  const position = newestOf(given.map(tokenDigest), accepted)
  return position > 0
    ? { accepted: true, scheme: 'token', position }
    : { accepted: false, cause: 'the token matches none of WEBHOOK_TOKENS' }
}

export const bearer = (credentials: Pick<Credentials, 'headers'>): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(credentialHeader(credentials, 'authorization') ?? '')?.[1]

function basicPassword(credentials: Credentials): string | undefined {
  const encoded = /^Basic +(\S+) *$/i.exec(credentialHeader(credentials, 'authorization') ?? '')?.[1]
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon < 0 ? undefined : pair.slice(colon + 1)
}
