import { type KeyObject, X509Certificate } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Http } from '../../http/client.ts'
import { createSharedFetch } from './shared-fetch.ts'
import { isSnsHost } from './sns-hosts.ts'

/** `refused`: the host has no such certificate. `failed`: it may have one. `detail` is for the log. */
interface NotFetched {
  readonly kind: 'refused' | 'failed'
  readonly detail: string
}

/** Fetches a certificate as PEM. Never rejects. */
export type FetchCertificate = (
  url: string,
) => Promise<{ readonly kind: 'certificate'; readonly pem: string } | NotFetched>

export interface SigningCertificate {
  readonly publicKey: KeyObject
  /** Epoch ms. */
  readonly validFrom: number
  readonly validTo: number
}

export type CertificateResult =
  | { readonly kind: 'certificate'; readonly certificate: SigningCertificate }
  | NotFetched

/** Amazon uses one certificate at a time per region. */
const maxCertificates = 10
const maxConcurrentFetches = 5
/** A sender can name any number of certificates on the hosts of Amazon SNS. */
const maxFetchesPerMinute = 10
const minuteMs = 60_000

export function isCertificateUrl(url: string): boolean {
  const [, host] = /^https:\/\/([^/]+)\/SimpleNotificationService-[0-9a-f]{1,64}\.pem$/i.exec(url) ?? []
  return host !== undefined && isSnsHost(host)
}

/** With these statuses, a later fetch may get the certificate. */
const temporaryStatuses: readonly number[] = [408, 429]

export const createFetchCertificate =
  (http: Http): FetchCertificate =>
  async (url) => {
    const result = await http({ method: 'GET', url, headers: { accept: '*/*' } })
    if (result.kind === 'failed') return result
    const { status, body } = result.answer
    if (status === 200) return { kind: 'certificate', pem: body }
    const isRefused = status >= 400 && status < 500 && !temporaryStatuses.includes(status)
    return { kind: isRefused ? 'refused' : 'failed', detail: `status ${status}` }
  }

const tooManyFetches: NotFetched = { kind: 'failed', detail: 'too many fetches' }

export interface Certificates {
  /** The certificate of a URL that `isCertificateUrl` accepts. Never rejects. */
  at(url: string): Promise<CertificateResult>
  /** The certificate of this URL verified a message. Other URLs cannot displace it from then on. */
  keep(url: string, certificate: SigningCertificate): void
}

/** Host names have no case, so one certificate has one URL. */
const normalized = (url: string): string => url.replace(/^https:\/\/[^/]+/i, (origin) => origin.toLowerCase())

/** Keeps a few certificates, because the one behind a URL never changes. `monotonic`: in ms. */
export function createCertificates(
  fetchCertificate: FetchCertificate,
  monotonic: () => number,
): Certificates {
  const verified = new LRUCache<string, SigningCertificate>({ max: maxCertificates })
  /** Anybody can fill it with certificates of other regions. */
  const certificates = new LRUCache<string, SigningCertificate>({ max: maxCertificates })
  const fetches = new LRUCache<string, () => Promise<CertificateResult>>({ max: maxCertificates })
  let underWay = 0
  /** The times of the fetches in the last minute. */
  let startedAt: readonly number[] = []

  function mayFetch(): boolean {
    const at = monotonic()
    startedAt = startedAt.filter((started) => at - started < minuteMs)
    if (underWay >= maxConcurrentFetches || startedAt.length >= maxFetchesPerMinute) return false
    startedAt = [...startedAt, at]
    return true
  }

  async function fetchOnce(url: string): Promise<CertificateResult> {
    if (!mayFetch()) return tooManyFetches
    underWay += 1
    const result = await fetchCertificate(url)
    underWay -= 1
    if (result.kind !== 'certificate') return result
    const certificate = readCertificate(result.pem)
    if (certificate === undefined) return { kind: 'failed', detail: 'not a certificate with an RSA key' }
    certificates.set(url, certificate)
    return { kind: 'certificate', certificate }
  }

  function fetchOf(url: string): () => Promise<CertificateResult> {
    const known = fetches.get(url)
    if (known !== undefined) return known
    const fetch = createSharedFetch({
      fetchNew: () => fetchOnce(url),
      isFailure: (result: CertificateResult) => result.kind !== 'certificate' && result !== tooManyFetches,
      monotonic,
    })
    fetches.set(url, fetch)
    return fetch
  }

  return {
    at: async (given) => {
      const url = normalized(given)
      const certificate = verified.get(url) ?? certificates.get(url)
      return certificate === undefined ? fetchOf(url)() : { kind: 'certificate', certificate }
    },
    keep: (url, certificate) => {
      verified.set(normalized(url), certificate)
    },
  }
}

/** Undefined if the text is not a certificate, or its key is not RSA with 2,048 bits or more. */
function readCertificate(pem: string): SigningCertificate | undefined {
  try {
    const { publicKey, validFromDate, validToDate } = new X509Certificate(pem)
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey
    if (type !== 'rsa' || (details?.modulusLength ?? 0) < 2_048) return undefined
    return { publicKey, validFrom: validFromDate.getTime(), validTo: validToDate.getTime() }
  } catch {
    return undefined
  }
}
