import type { LookupFunction } from 'node:net'
import { createHttp, type HttpClient } from '../http/client.ts'
import type { JwtVerifier } from './authenticate/authenticate.ts'
import { createFetchCertificate } from './authenticate/sns-certificates.ts'
import { createSnsVerifier, type SnsVerifier } from './authenticate/sns-signature.ts'

export interface FetchedKeysOptions {
  /** Undefined: no JWT is accepted. */
  readonly oidc:
    | {
        readonly issuer: string
        readonly audiences: readonly string[]
        readonly subjects: readonly string[]
      }
    | undefined
  /** Empty: no signature of Amazon SNS is accepted. */
  readonly topicArns: readonly string[]
  /** Resolves the hosts of Amazon SNS; refuses private addresses. */
  readonly publicLookup: LookupFunction
  /** Epoch ms. */
  readonly now: () => number
  /** In ms. */
  readonly monotonic: () => number
}

/** Verifies the credentials whose keys are fetched. `close` aborts the fetches under way. */
export interface FetchedKeys {
  readonly jwt: JwtVerifier | undefined
  readonly sns: SnsVerifier | undefined
  close(): void
}

/** A sender waits for the fetch, two in a row for a JWT, and EventBridge gives up after 5 s. */
const limits = { timeoutMs: 2_000, maxSockets: 2, maxAnswerBytes: 262_144 }

export async function createFetchedKeys(options: FetchedKeysOptions): Promise<FetchedKeys> {
  const { oidc, topicArns, publicLookup, now, monotonic } = options
  const clients: HttpClient[] = []
  const open = (lookup?: LookupFunction) => {
    const client = createHttp({ ...limits, ...(lookup && { lookup }) })
    clients.push(client)
    return client.http
  }

  const openJwt = async ({ issuer, audiences, subjects }: NonNullable<typeof oidc>): Promise<JwtVerifier> => {
    // Loaded here, because most installations need no JWT library.
    const { createJwtVerifier } = await import('./authenticate/jwt.ts')
    const { createIssuerKeys } = await import('./authenticate/issuer-keys.ts')
    // The operator chose the issuer, so it may have a private address.
    const keys = createIssuerKeys({ issuer, http: open(), monotonic })
    return createJwtVerifier({ issuer, audiences, subjects, keys })
  }
  const openSns = (): SnsVerifier =>
    createSnsVerifier({
      topicArns,
      fetchCertificate: createFetchCertificate(open(publicLookup)),
      now,
      monotonic,
    })

  return {
    jwt: oidc && (await openJwt(oidc)),
    sns: topicArns.length > 0 ? openSns() : undefined,
    close: () => {
      for (const client of clients) client.close()
    },
  }
}
