export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

/**
 * The client of a token request: HTTP basic, else `client_id` and `client_secret` in the form. If a request has
 * both, the header counts.
 */
export function readCredentials(
  authorization: string | undefined,
  form: URLSearchParams | undefined,
): ClientCredentials | undefined {
  if (authorization !== undefined) return readBasic(authorization)
  const clientId = form?.get('client_id')
  const clientSecret = form?.get('client_secret')
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string') return undefined
  return { clientId, clientSecret }
}

function readBasic(authorization: string): ClientCredentials | undefined {
  const encoded = authorization.match(/^basic +(\S+)$/i)?.[1]
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 0) return undefined
  return { clientId: pair.slice(0, colon), clientSecret: pair.slice(colon + 1) }
}
