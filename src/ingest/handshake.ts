import { type Credentials, header } from './authenticate/credentials.ts'

export interface HandshakeAnswer {
  readonly status: 200 | 204
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The answer to OPTIONS, by which a sender of CloudEvents asks whether its events are wanted at all (HTTP 1.1 Web
 * Hooks for Event Delivery 1.0.2, 4). It proves nothing to either side, so it needs no credentials: whoever may ask
 * still has to show them with the events. Any rate is allowed: what is too much at once is answered 503.
 */
export function answerHandshake(headers: Credentials['headers']): HandshakeAnswer {
  const allow = { allow: 'POST' }
  const origin = header({ headers }, 'webhook-request-origin')
  if (origin === undefined || !/^[\x21-\x7e]{1,253}$/.test(origin)) return { status: 204, headers: allow }
  const granted = { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' }
  return { status: 200, headers: { ...allow, ...granted } }
}
