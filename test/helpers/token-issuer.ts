import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { Owner } from './folder.ts'

/** The parts of a token to change. `undefined` removes a claim. */
export interface TokenChanges {
  readonly claims?: JWTPayload
  readonly alg?: string
  readonly kid?: string
}

/** A token issuer on the loopback address, with discovery and a key set. */
export interface TokenIssuer {
  readonly url: string
  /** Paths of the requests so far. */
  readonly requests: readonly string[]
  /** Answers with this status, or with this text; undefined: as usual. */
  answer: { readonly status?: number; readonly body?: string; readonly hang?: boolean } | undefined
  /** The issuer that the discovery document names; undefined: the real one. */
  named: string | undefined
  keysUrl: string | undefined
  /** Creates a key, and publishes it instead of the others, unless `keep`. The first key has the id `key-1`. */
  rotate(options?: {
    readonly keep?: boolean
    readonly alg?: string
    readonly kid?: string | undefined
  }): Promise<void>
  /** A token of the newest key, valid for `now` and an hour. */
  sign(now: number, changes?: TokenChanges): Promise<string>
  /** Answers this document instead of the key set. */
  publish(keySet: unknown): void
  /** The published key set. */
  keys(): readonly JWK[]
}

export async function startTokenIssuer(t: Owner): Promise<TokenIssuer> {
  let published: JWK[] = []
  let newest: { readonly key: CryptoKey; readonly alg: string; readonly kid: string | undefined } | undefined
  let created = 0
  let replacement: unknown
  const requests: string[] = []
  const server = createServer((request, response) => {
    const { url: path = '' } = request
    requests.push(path)
    const { answer } = issuer
    if (answer?.hang === true) return
    if (answer !== undefined) return void response.writeHead(answer.status ?? 200).end(answer.body)
    if (path.endsWith('/.well-known/openid-configuration'))
      return void response.end(
        JSON.stringify({
          issuer: issuer.named ?? issuer.url,
          jwks_uri: issuer.keysUrl ?? `${issuer.url}/keys`,
        }),
      )
    if (path.endsWith('/keys')) return void response.end(JSON.stringify(replacement ?? { keys: published }))
    response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const issuer: TokenIssuer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    answer: undefined,
    named: undefined,
    keysUrl: undefined,
    rotate: async (options = {}) => {
      created += 1
      const { keep = false, alg = 'RS256' } = options
      const kid = 'kid' in options ? options.kid : `key-${created}`
      const { publicKey, privateKey } = await generateKeyPair(alg)
      const jwk = { ...(await exportJWK(publicKey)), alg, use: 'sig', ...(kid !== undefined && { kid }) }
      published = keep ? [...published, jwk] : [jwk]
      newest = { key: privateKey, alg, kid }
    },
    sign: async (now, { claims = {}, alg, kid } = {}) => {
      if (newest === undefined) throw new Error('the issuer has no key yet')
      const seconds = Math.floor(now / 1000)
      const usual = {
        iss: issuer.url,
        aud: 'https://enricher.example.com',
        sub: '1234567890',
        iat: seconds,
        exp: seconds + 3_600,
      }
      const named = kid ?? newest.kid
      return new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg: alg ?? newest.alg, ...(named !== undefined && { kid: named }) })
        .sign(newest.key)
    },
    publish: (keySet) => {
      replacement = keySet
    },
    keys: () => published,
  }
  await issuer.rotate()
  return issuer
}
