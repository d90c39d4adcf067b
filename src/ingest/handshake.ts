import { type Credentials, header } from './authenticate/credentials.ts'

export interface HandshakeAnswer {
  readonly status: 200 | 204
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Answers OPTIONS: a sender of CloudEvents asks for permission to send (HTTP 1.1 Web Hooks for Event Delivery 1.0.2, 4).
 * The handshake needs no credentials, because the events themselves do. It allows any rate; overload is answered with 503.
 */
export function answerHandshake(headers: Credentials['headers']): HandshakeAnswer {
  const allow = { allow: 'POST' }
  const origin = header({ headers }, 'webhook-request-origin')
  if (origin === undefined || !/^[\x21-\x7e]{1,253}$/.test(origin)) return { status: 204, headers: allow }
  const granted = { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' }
  return { status: 200, headers: { ...allow, ...granted } }
}
