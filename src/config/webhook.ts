import { z } from 'zod'
import type { TlsFiles } from '../http/tls.ts'
import { isNetwork } from '../ingest/networks.ts'
import { list, wholeNumber } from './schemas.ts'

const networks = 'must hold addresses or networks such as 10.0.0.0/8 or 2001:db8::/32, comma-separated'

/** A number of proxies, or where they are. */
const proxies = () => {
  const message = 'must be a number of proxies from 1 to 32, or addresses or networks such as 10.0.0.0/8'
  const isNumber = (text: string) => /^\d+$/.test(text)
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .refine(
      ([first = '', ...more]) =>
        !isNumber(first) || (more.length === 0 && Number(first) >= 1 && Number(first) <= 32),
      message,
    )
    .refine((parts) => parts.length > 0 && (isNumber(parts[0] ?? '') || parts.every(isNetwork)), message)
    .transform((parts): number | readonly string[] => (isNumber(parts[0] ?? '') ? Number(parts[0]) : parts))
    .optional()
}

/** The part of the environment that decides who may knock, and how: see config-variables.ts. */
export const doorVariables = {
  WEBHOOK_MAX_FAILURES: {
    schema: wholeNumber(0, 1_000_000, 20),
    default: '20',
    meaning:
      'Refused credentials per client address and minute, from which on further bad ones get 429 and no log line. Good ones are always accepted. 0: no limit.',
  },
  WEBHOOK_ALLOWED_CIDRS: {
    schema: list().refine((parts) => parts.every(isNetwork), networks),
    meaning:
      'Addresses and networks, IPv4 or IPv6, comma-separated, from which events may come; others get 403. Unset: from everywhere.',
  },
  TRUST_PROXY: {
    schema: proxies(),
    meaning:
      "How many proxies stand in front, or their addresses and networks, comma-separated: then the client's address is taken from `X-Forwarded-For`. Unset: nobody's word is taken.",
  },
  TLS_CERT_FILE: {
    schema: z.string().optional(),
    meaning:
      'File with the certificate (PEM, with those between it and its authority): the port speaks HTTPS. Needs `TLS_KEY_FILE`.',
  },
  TLS_KEY_FILE: {
    schema: z.string().optional(),
    meaning: 'File with the private key of that certificate (PEM, without a passphrase).',
  },
  TLS_CLIENT_CA_FILE: {
    schema: z.string().optional(),
    meaning:
      'File with authorities (PEM): every client of the port, probes too, must show a certificate of one of them (mutual TLS).',
  },
} as const

type Given = Readonly<Record<string, string | undefined>>

/** What does not go together, of the values as they were given. */
export function doorContradictions({ TLS_CERT_FILE, TLS_KEY_FILE, TLS_CLIENT_CA_FILE }: Given): string[] {
  if ((TLS_CERT_FILE === undefined) !== (TLS_KEY_FILE === undefined))
    return ['TLS_CERT_FILE and TLS_KEY_FILE belong together: set both, or none for plain HTTP']
  if (TLS_CLIENT_CA_FILE !== undefined && TLS_CERT_FILE === undefined)
    return ['TLS_CLIENT_CA_FILE needs TLS_CERT_FILE and TLS_KEY_FILE: only TLS knows client certificates']
  return []
}

export const doorWarnings = ({ TRUST_PROXY }: Given): string[] =>
  /^\d+$/.test(TRUST_PROXY?.trim() ?? '')
    ? [
        'TRUST_PROXY is a number: who reaches this port without the proxies can claim any address; the addresses of the proxies are safer',
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
