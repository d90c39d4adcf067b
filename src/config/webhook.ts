import { z } from 'zod'
import type { TlsFiles } from '../http/tls.ts'
import { isNetwork } from '../ingest/sender-limits.ts'
import { list, splitList, wholeNumber } from './schemas.ts'

const networks = 'must hold addresses or networks such as 10.0.0.0/8 or 2001:db8::/32, comma-separated'

/** A number of proxies, or their addresses and networks. */
const proxies = () => {
  const message = 'must be a number of proxies from 1 to 32, or addresses or networks such as 10.0.0.0/8'
  const isNumber = (text: string) => /^\d+$/.test(text)
  return z
    .string()
    .transform(splitList)
    .refine(
      ([first = '', ...more]) =>
        !isNumber(first) || (more.length === 0 && Number(first) >= 1 && Number(first) <= 32),
      message,
    )
    .refine((parts) => parts.length > 0 && (isNumber(parts[0] ?? '') || parts.every(isNetwork)), message)
    .transform((parts): number | readonly string[] => (isNumber(parts[0] ?? '') ? Number(parts[0]) : parts))
    .optional()
}

/** Webhook access settings: limits, networks, proxies and TLS. Part of the catalogue in variables.ts. */
export const webhookVariables = {
  WEBHOOK_MAX_FAILURES: {
    schema: wholeNumber(0, 1_000_000, 20),
    default: '20',
    meaning:
      'Refused credentials per client address and minute. Beyond it, bad credentials get 429 and are logged once per minute; good ones are always accepted. 0: no limit.',
  },
  WEBHOOK_ALLOWED_CIDRS: {
    schema: list().refine((parts) => parts.every(isNetwork), networks),
    meaning:
      'Addresses and networks, IPv4 or IPv6, comma-separated, that may post events; others get 403. Unset: all.',
  },
  TRUST_PROXY: {
    schema: proxies(),
    meaning:
      'Addresses and networks of the proxies in front, comma-separated, or their number. The service then takes the client address from `X-Forwarded-For`. Unset: it ignores that header.',
  },
  TLS_CERT_FILE: {
    schema: z.string().optional(),
    meaning: 'File with the certificate chain (PEM). With it the port speaks HTTPS. Needs `TLS_KEY_FILE`.',
  },
  TLS_KEY_FILE: {
    schema: z.string().optional(),
    meaning: 'File with the private key of that certificate (PEM, without a passphrase).',
  },
  TLS_CLIENT_CA_FILE: {
    schema: z.string().optional(),
    meaning:
      'File with certificate authorities (PEM). With it every client of the port, probes included, must present a certificate of one of them (mutual TLS).',
  },
} as const

type Given = Readonly<Record<string, string | undefined>>

/** Invalid combinations of values. */
export function webhookConflicts({ TLS_CERT_FILE, TLS_KEY_FILE, TLS_CLIENT_CA_FILE }: Given): string[] {
  if ((TLS_CERT_FILE === undefined) !== (TLS_KEY_FILE === undefined))
    return ['TLS_CERT_FILE and TLS_KEY_FILE need each other: set both, or none for plain HTTP']
  if (TLS_CLIENT_CA_FILE !== undefined && TLS_CERT_FILE === undefined)
    return ['TLS_CLIENT_CA_FILE needs TLS_CERT_FILE and TLS_KEY_FILE: plain HTTP has no client certificates']
  return []
}

export const webhookWarnings = ({ TRUST_PROXY }: Given): string[] =>
  /^\d+$/.test(TRUST_PROXY?.trim() ?? '')
    ? [
        'TRUST_PROXY is a number: a client that bypasses the proxies can fake its address; list the addresses of the proxies instead',
      ]
    : []

/** Undefined: plain HTTP. */
export function tlsFiles(values: {
  readonly TLS_CERT_FILE?: string | undefined
  readonly TLS_KEY_FILE?: string | undefined
  readonly TLS_CLIENT_CA_FILE?: string | undefined
}): TlsFiles | undefined {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, TLS_CLIENT_CA_FILE: clientCaFile } = values
  return certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile, clientCaFile }
}
