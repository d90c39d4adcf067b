import type { TestContext } from 'node:test'
import { createHttp } from '../../src/http/client.ts'
import { createIssuerKeys } from '../../src/ingest/authenticate/issuer-keys.ts'
import { createJwtVerifier } from '../../src/ingest/authenticate/jwt.ts'
import { createSnsVerifier } from '../../src/ingest/authenticate/sns-signature.ts'
import { type IngestServer, startIngest } from './ingest-server.ts'
import { createSnsSender, type SnsSender, topicArn } from './sns.ts'
import { startTokenIssuer } from './token-issuer.ts'

/** A server that accepts every credential, on the real clock. */
export interface EveryCredentialServer extends IngestServer {
  /** A token of the issuer that the server trusts. */
  readonly jwt: string
  /** Signs messages of `topicArn`. */
  readonly snsSender: SnsSender
  /** `<scheme> <position>` of each authenticated request. */
  readonly uses: readonly string[]
}

export async function startWithEveryCredential(
  t: TestContext,
  credentials: {
    readonly tokens: readonly string[]
    readonly secrets: readonly string[]
    readonly hmacHeader: string
  },
): Promise<EveryCredentialServer> {
  const issuer = await startTokenIssuer(t)
  const { http, close } = createHttp({ timeoutMs: 5_000, maxSockets: 2 })
  t.after(close)
  const monotonic = () => performance.now()
  const keys = createIssuerKeys({ issuer: issuer.url, http, monotonic })
  const snsSender = await createSnsSender(t)
  const { fetchCertificate } = snsSender
  const audiences = ['https://enricher.example.com']
  const uses: string[] = []
  const ingest = await startIngest(t, {
    auth: {
      ...credentials,
      jwt: createJwtVerifier({ issuer: issuer.url, audiences, subjects: [], keys }),
      sns: createSnsVerifier({ topicArns: [topicArn], fetchCertificate, now: Date.now, monotonic }),
    },
    now: Date.now,
    onAuthenticated: (scheme, position) => uses.push(`${scheme} ${position}`),
  })
  return { ...ingest, jwt: await issuer.sign(Date.now()), snsSender, uses }
}
