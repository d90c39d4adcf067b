import { createLocalJWKSet } from 'jose'
import { z } from 'zod'
import type { Http } from '../../http/client.ts'
import { isHttpsOrLoopback } from '../../http/networks.ts'
import { readJsonText } from '../../values/json.ts'
import { safeParse } from '../../values/safe-parse.ts'
import { createSharedFetch } from './shared-fetch.ts'

export type KeySet = ReturnType<typeof createLocalJWKSet>

export type KeysResult =
  | { readonly kind: 'keys'; readonly keys: KeySet }
  /** The issuer does not answer, or not as expected. `detail` is for the log. */
  | { readonly kind: 'unavailable'; readonly detail: string }

export type NewerKeysResult =
  | KeysResult
  /** The service does not fetch them yet. */
  | { readonly kind: 'too_early'; readonly detail: string }

/** The public keys of a token issuer. Never rejects; concurrent callers share one fetch. */
export interface IssuerKeys {
  /** At most 10 minutes old; up to 24 hours while the issuer does not answer. */
  current(): Promise<KeysResult>
  /** Newer keys than `known`, which did not make the signature of a token; `too_early` for 30 seconds after a fetch. */
  newerThan(known: KeySet): Promise<NewerKeysResult>
}

export interface IssuerKeysDeps {
  readonly issuer: string
  readonly http: Http
  /** Monotonic clock, in ms. */
  readonly monotonic: () => number
}

const freshMs = 10 * 60_000
const usableMs = 24 * 60 * 60_000
/** A sender can name unknown keys at will. */
const unknownKeyCooldownMs = 30_000

const tooEarly = {
  kind: 'too_early',
  detail: 'they were fetched less than 30 seconds ago, without the key of the token',
} as const

const discoveryDocument = z.object({ issuer: z.string(), jwks_uri: z.string() })
const keySetDocument = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

/**
 * Fetches the keys as OpenID Connect Discovery 1.0 (section 4) describes: the document of the issuer names the URL of its key
 * set. The document must name this issuer, so that another one cannot sign in its place.
 */
export function createIssuerKeys({ issuer, http, monotonic }: IssuerKeysDeps): IssuerKeys {
  let known: { readonly keys: KeySet; readonly fetchedAt: number } | undefined

  async function readDocument<Schema extends z.ZodType>(
    url: string,
    schema: Schema,
  ): Promise<z.output<Schema>> {
    const result = await http({ method: 'GET', url, headers: {} })
    if (result.kind === 'failed') throw new UnusableAnswer(`${url}: ${result.detail}`)
    if (result.answer.status !== 200) throw new UnusableAnswer(`${url}: status ${result.answer.status}`)
    const json = readJsonText(result.answer.body)
    const parsed = safeParse(schema, json.kind === 'json' ? json.value : undefined)
    if (!parsed.success) throw new UnusableAnswer(`${url}: not the expected document`)
    return parsed.data
  }

  async function fetchKeys(): Promise<KeySet> {
    const discoveryUrl = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const { issuer: named, jwks_uri: keysUrl } = await readDocument(discoveryUrl, discoveryDocument)
    if (named !== issuer)
      throw new UnusableAnswer(
        `${discoveryUrl} names the issuer ${JSON.stringify(named)}: use it as WEBHOOK_OIDC_ISSUER`,
      )
    if (!isHttpsOrLoopback(keysUrl)) throw new UnusableAnswer(`${discoveryUrl}: jwks_uri is not an https URL`)
    return createLocalJWKSet(await readDocument(keysUrl, keySetDocument))
  }

  async function fetchResult(): Promise<KeysResult> {
    try {
      const keys = await fetchKeys()
      known = { keys, fetchedAt: monotonic() }
      return { kind: 'keys', keys }
    } catch (error) {
      const detail = error instanceof UnusableAnswer ? error.message : 'the key set cannot be used'
      return { kind: 'unavailable', detail }
    }
  }

  const fetched = createSharedFetch({
    fetchNew: fetchResult,
    isFailure: ({ kind }) => kind === 'unavailable',
    monotonic,
  })

  return {
    current: async () => {
      const last = known
      const ageMs = last === undefined ? Number.POSITIVE_INFINITY : monotonic() - last.fetchedAt
      if (last !== undefined && ageMs < freshMs) return { kind: 'keys', keys: last.keys }
      const result = await fetched()
      return result.kind === 'unavailable' && last !== undefined && ageMs < usableMs
        ? { kind: 'keys', keys: last.keys }
        : result
    },
    newerThan: async (keys) => {
      if (known !== undefined && known.keys !== keys) return { kind: 'keys', keys: known.keys }
      if (known !== undefined && monotonic() - known.fetchedAt < unknownKeyCooldownMs) return tooEarly
      return fetched()
    },
  }
}

/** The issuer gave no usable keys. The message is for the log. */
class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer'
}
