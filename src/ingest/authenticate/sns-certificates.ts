import { type KeyObject, X509Certificate } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Http } from '../../http/client.ts'

/** Fetches a certificate as PEM. Never rejects. `detail` is for the log. */
export type FetchCertificate = (
  url: string,
) => Promise<
  | { readonly kind: 'certificate'; readonly pem: string }
  | { readonly kind: 'failed'; readonly detail: string }
>

export interface SigningCertificate {
  readonly publicKey: KeyObject
  /** Epoch ms. */
  readonly validFrom: number
  readonly validTo: number
}

export type CertificateResult =
  | { readonly kind: 'certificate'; readonly certificate: SigningCertificate }
  | { readonly kind: 'unavailable'; readonly detail: string }

/** Amazon uses one certificate at a time per region. */
const maxCertificates = 10
const maxFetches = 5
const failureCooldownMs = 10_000

/**
 * Only the hosts of Amazon SNS. Otherwise a sender could sign with a key of its own, or make the service call any host.
 */
export const isCertificateUrl = (url: string): boolean =>
  /^https:\/\/sns\.[a-z]{2,5}(-[a-z]+)+-\d{1,2}\.amazonaws\.com(\.cn)?\/SimpleNotificationService-[0-9a-f]{1,64}\.pem$/i.test(
    url,
  )

export const createFetchCertificate =
  (http: Http): FetchCertificate =>
  async (url) => {
    const result = await http({ method: 'GET', url, headers: { accept: '*/*' } })
    if (result.kind === 'failed') return result
    const { status, body } = result.answer
    return status === 200
      ? { kind: 'certificate', pem: body }
      : { kind: 'failed', detail: `status ${status}` }
  }

/**
 * Returns the certificate of a URL. It keeps a few certificates, because the one behind a URL never changes. Concurrent
 * callers share one fetch. Never rejects. `monotonic`: in ms.
 */
export function createCertificates(
  fetchCertificate: FetchCertificate,
  monotonic: () => number,
): (url: string) => Promise<CertificateResult> {
  const certificates = new LRUCache<string, SigningCertificate>({ max: maxCertificates })
  const failures = new LRUCache<string, { readonly at: number; readonly detail: string }>({
    max: maxCertificates,
  })
  const underWay = new Map<string, Promise<CertificateResult>>()

  async function fetchOnce(url: string): Promise<CertificateResult> {
    const result = await fetchCertificate(url)
    const certificate = result.kind === 'certificate' ? readCertificate(result.pem) : undefined
    if (certificate !== undefined) {
      certificates.set(url, certificate)
      return { kind: 'certificate', certificate }
    }
    const detail = result.kind === 'failed' ? result.detail : 'not a certificate with an RSA key'
    failures.set(url, { at: monotonic(), detail })
    return { kind: 'unavailable', detail }
  }

  return async (url) => {
    const certificate = certificates.get(url)
    if (certificate !== undefined) return { kind: 'certificate', certificate }
    const failure = failures.get(url)
    if (failure !== undefined && monotonic() - failure.at < failureCooldownMs)
      return { kind: 'unavailable', detail: failure.detail }
    const joined = underWay.get(url)
    if (joined !== undefined) return joined
    if (underWay.size >= maxFetches) return { kind: 'unavailable', detail: 'too many fetches at once' }
    const fetching = fetchOnce(url).finally(() => underWay.delete(url))
    underWay.set(url, fetching)
    return fetching
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
