import dns from 'node:dns'
import type { LookupFunction } from 'node:net'
import { createAddressGuard, guardDns } from '../http/address-guard.ts'
import { createHttp, type Http, type HttpClient } from '../http/client.ts'
import type { OutgoingProxy } from '../http/outgoing-proxy.ts'
import type { Log } from '../log/log.ts'
import { createRareLog } from '../log/rare-log.ts'
import { addUnusedCredentials, count, credentialKey, type Details } from '../metrics/totals.ts'
import type { AdmissionDeps } from './admission.ts'
import {
  type AuthenticationOptions,
  createAuthentication,
  type JwtVerifier,
} from './authenticate/authenticate.ts'
import type { FetchedScheme } from './authenticate/credentials.ts'
import type { JwtOptions } from './authenticate/jwt.ts'
import { createFetchCertificate } from './authenticate/sns-certificates.ts'
import { createSnsVerifier } from './authenticate/sns-signature.ts'
import { type ConfirmedTopics, createSnsConfirmations, type SnsConfirmations } from './sns-confirmation.ts'
import { createUnavailableKeys } from './unavailable-keys.ts'

export interface SenderSettings extends Omit<AuthenticationOptions, 'jwt' | 'sns'> {
  /** Undefined: no JWT is accepted. */
  readonly oidc: Omit<JwtOptions, 'keys'> | undefined
  /** Empty: no signature of Amazon SNS is accepted. */
  readonly topicArns: readonly string[]
}

export interface SenderDeps {
  /** Counts authenticated requests by credential, and the subscriptions that Amazon SNS asked to confirm. */
  readonly counts: Pick<Details, 'credentials' | 'snsConfirmations'>
  /** For the fetches. Undefined: direct connections. */
  readonly proxy?: OutgoingProxy | undefined
  /** Resolves the hosts of Amazon SNS. Default: the system's resolver behind `guardDns`. */
  readonly publicLookup?: LookupFunction
  readonly log: Log<'info' | 'warn'>
  /** Epoch ms. */
  readonly now: () => number
  /** In ms. */
  readonly monotonic: () => number
}

export interface Senders
  extends Pick<AdmissionDeps, 'authentication' | 'onAuthenticated' | 'onKeysUnavailable'> {
  /** Confirms a subscription to one of the topics. */
  readonly confirmSubscription: SnsConfirmations['confirm']
  /** Requests whose credential could not be verified, by scheme. */
  readonly keysUnavailable: () => Readonly<Record<FetchedScheme, number>>
  /** Aborts the fetches under way. */
  close(): void
}

/** A sender waits for the fetch, two in a row for a JWT, and EventBridge gives up after 5 s. */
const limits = { timeoutMs: 2_000, maxSockets: 2, maxAnswerBytes: 262_144 }

/**
 * Builds the authentication of the webhook, with the verifiers that fetch keys if they are configured, and the confirmation of
 * subscriptions, which needs one of them.
 */
export async function openAuthentication(settings: SenderSettings, deps: SenderDeps): Promise<Senders> {
  const { oidc, topicArns } = settings
  const { proxy, log, now, monotonic } = deps
  const { credentials: uses, snsConfirmations } = deps.counts
  const { publicLookup = guardDns(dns.lookup, createAddressGuard()) } = deps
  const clients: HttpClient[] = []
  const open = (lookup?: LookupFunction): Http => {
    const client = createHttp({ ...limits, proxy, ...(lookup && { lookup }) })
    clients.push(client)
    return client.http
  }

  const openJwt = async (accepted: Omit<JwtOptions, 'keys'>): Promise<JwtVerifier> => {
    // Loaded here, because most installations need no JWT library.
    const { createJwtVerifier } = await import('./authenticate/jwt.ts')
    const { createIssuerKeys } = await import('./authenticate/issuer-keys.ts')
    // The operator chose the issuer, so it may have a private address.
    const keys = createIssuerKeys({ issuer: accepted.issuer, http: open(), monotonic })
    return createJwtVerifier({ ...accepted, keys })
  }
  const openSns = (): ConfirmedTopics => {
    const fetchCertificate = createFetchCertificate(open(publicLookup))
    const { check } = createSnsVerifier({ topicArns, fetchCertificate, now, monotonic })
    return { topicArns, check, http: open(publicLookup) }
  }

  const jwt = oidc && (await openJwt(oidc))
  const sns = topicArns.length > 0 ? openSns() : undefined
  const rarely = createRareLog({ monotonic })
  const { report, counts } = createUnavailableKeys(log, rarely)
  const { confirm } = createSnsConfirmations({ sns, counts: snsConfirmations, log, rarely })
  addUnusedCredentials(uses, settings)
  return {
    authentication: createAuthentication({ ...settings, jwt, sns }),
    confirmSubscription: confirm,
    onAuthenticated: (scheme, position) => count(uses, credentialKey(scheme, position)),
    onKeysUnavailable: report,
    keysUnavailable: counts,
    close: () => {
      for (const client of clients) client.close()
    },
  }
}
