import { z } from 'zod'
import { readBaseUrl } from '../http/base-url.ts'
import { isAddressOrNetwork, isHttpsOrLoopback } from '../http/networks.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** Unset: `fallback`. */
export function wholeNumber(min: number, max: number, fallback: number) {
  const message = `must be a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message))
    .default(fallback)
}

/** The URL of a server, without slashes at its end. Unset: undefined. */
export const url = () =>
  z
    .string()
    .transform((given, context) => {
      const baseUrl = readBaseUrl(given)
      if (baseUrl !== undefined) return baseUrl
      context.addIssue('must be an http:// or https:// URL without user, password, query or fragment')
      return z.NEVER
    })
    .optional()

/** The URL of an outgoing proxy. Messages never show it, because it may contain a password. */
export const proxyUrl = () =>
  z
    .string()
    .refine(
      isProxyUrl,
      'must be the http:// or https:// URL of a proxy, such as http://proxy.example.com:3128 or http://USER:PASSWORD@proxy.example.com:3128, without path, query or fragment, and with user and password percent-encoded',
    )
    .optional()

function isProxyUrl(text: string): boolean {
  const parsed = URL.parse(text)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return false
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '') return false
  try {
    // A user with a colon cannot be sent: the password begins after the first one (RFC 7617).
    return (
      !decodeURIComponent(parsed.username).includes(':') && decodeURIComponent(parsed.password) !== undefined
    )
  } catch {
    return false
  }
}

/** The items of a comma-separated list, without blanks around them and without empty items. */
export const splitList = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** Unset: an empty list. */
export const list = () =>
  z
    .string()
    .transform(splitList)
    .refine((parts) => parts.length > 0, 'must contain at least one value')
    .optional()
    .transform((parts) => parts ?? [])

/** NO_PROXY, which programs share and separate in different ways, so nothing is refused. */
export const hosts = () =>
  z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))

/** Headers that relays never sign with, because HTTP or the service uses them for something else. */
const headersInUse =
  /^(accept|accept-.*|authorization|cache-control|connection|content-.*|cookie|date|expect|forwarded|from|host|if-.*|keep-alive|origin|pragma|proxy-.*|range|referer|te|trailer|traceparent|tracestate|transfer-encoding|upgrade|user-agent|via|x-amz-firehose-access-key|x-api-key|x-forwarded-.*|(webhook|svix)-(id|timestamp))$/i

export const signatureHeader = () =>
  z
    .string()
    .regex(
      /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/,
      'must be the name of a header, such as X-Hookdeck-Signature',
    )
    .refine(
      (name) => !headersInUse.test(name),
      'must be the header in which the relay sends its signature: this one has another purpose',
    )
    .optional()

/** Keeps the text as it is, because the issuer of a token must equal it. */
export const issuer = () =>
  z
    .string()
    .refine(
      (given) => isHttpsOrLoopback(given) && /^https?:\/\/[^\s?#]+$/i.test(given),
      'must be an https:// URL without user, password, query or fragment, such as https://accounts.google.com (http:// only for this machine)',
    )
    .optional()

export const topicArns = () =>
  list().refine(
    (arns) =>
      arns.every((arn) => /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$/.test(arn)),
    'must be a comma-separated list of ARNs of topics, such as arn:aws:sns:eu-central-1:123456789012:genesys-events',
  )

/** Addresses and networks that may post events. Unset: an empty list. */
export const networks = () =>
  list().refine(
    (parts) => parts.every(isAddressOrNetwork),
    'must be a comma-separated list of addresses or networks, such as 10.0.0.0/8 or 2001:db8::/32, not /0; without the variable, all addresses may post',
  )

const isNumberOfProxies = (text: string): boolean =>
  /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 32

/** A number of proxies, or their addresses and networks. Unset: undefined. */
export const proxies = () =>
  z
    .string()
    .transform((given, context): number | readonly string[] => {
      const parts = splitList(given)
      const [first = ''] = parts
      if (parts.length === 1 && isNumberOfProxies(first)) return Number(first)
      if (parts.length > 0 && parts.every(isAddressOrNetwork)) return parts
      context.addIssue(
        'must be the number of proxies (1 to 32), or a comma-separated list of their addresses or networks, such as 10.0.0.0/8, not /0',
      )
      return z.NEVER
    })
    .optional()

/** Unset: `fallback`. */
export const choice = <const Values extends readonly [string, ...string[]]>(
  values: Values,
  fallback: Values[number],
) => z.enum(values, { error: `must be one of ${values.join(', ')}` }).default(fallback)

/** Unset: `fallback`. */
export const text = (fallback: string) => z.string().default(fallback)

interface SecretRequirements {
  /** Minimum length of an entry in characters. */
  readonly minLength: number
  /** A prefix that marks the format and is not part of the secret, so that it does not count in the length. */
  readonly uncountedPrefix?: string
  /**
   * Why the entry is invalid; undefined if it is valid. Must not quote a secret. `next` is the following entry, because the
   * comma of `v1,whsec_…` makes two entries.
   */
  readonly problemWith?: (secret: string, next: string | undefined) => string | undefined
}

/** A list of secrets. Errors name an entry by position and never show its value. Unset: an empty list. */
export const secretList = ({ minLength, uncountedPrefix = '', problemWith }: SecretRequirements) =>
  list().superRefine((secrets, context) => {
    const problems = secrets.flatMap((secret, index) => {
      const problem = problemWith?.(secret, secrets[index + 1]) ?? lengthProblem(secret)
      return problem === undefined ? [] : [`entry ${index + 1} ${problem}`]
    })
    if (problems.length > 0)
      context.addIssue({ code: 'custom', message: `has unusable entries: ${problems.join('; ')}` })

    function lengthProblem(secret: string): string | undefined {
      const { length } = secret.startsWith(uncountedPrefix) ? secret.slice(uncountedPrefix.length) : secret
      return length < minLength
        ? `has ${length} characters, but needs at least ${minLength}: create one with "openssl rand -base64 32"`
        : undefined
    }
  })
