import { type Credentials, header } from './authenticate/credentials.ts'
import { isJsonType } from './envelopes/cloudevent.ts'
import type { JsonObject } from './envelopes/envelope.ts'

/**
 * The format of a request. `plain`: any JSON. `lines`: NDJSON. `structured`: one CloudEvent or a batch of them.
 * `binary`: the data of one CloudEvent, with its attributes in headers (HTTP binding 1.0.2).
 */
export type ContentMode = 'plain' | 'lines' | 'structured' | 'binary'

const cloudEventHeaders = ['ce-specversion', 'ce-id', 'ce-source', 'ce-type'] as const

/** Undefined for an unsupported content type: neither JSON nor plain text. */
export function contentMode(headers: Credentials['headers']): ContentMode | undefined {
  const type = mediaType(header({ headers }, 'content-type') ?? '')
  if (type !== 'application/json') {
    if (/^application\/cloudevents(-batch)?\+json$/.test(type)) return 'structured'
    if (/^(application|text)\/(x-)?(ndjson|jsonl|json-?lines)$/.test(type)) return 'lines'
    if (type !== '' && type !== 'text/plain' && !isJsonType(type)) return undefined
  }
  return cloudEventHeaders.some((name) => headers[name] !== undefined) ? 'binary' : 'plain'
}

/** Drops the parameters. The shortcut serves the usual content type, which has none. */
export const mediaType = (contentType: string): string =>
  contentType === 'application/json'
    ? contentType
    : (contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '')

/**
 * Converts a binary-mode request to a structured CloudEvent: the `ce-` headers become attributes, the body becomes the
 * data. A header that is not percent-encoded UTF-8 counts as absent.
 */
export function fromBinary(headers: Credentials['headers'], data: unknown): JsonObject {
  const attributes: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(headers)) {
    const [, name] = /^ce-([a-z0-9]+)$/.exec(key) ?? []
    if (name === undefined || typeof value !== 'string') continue
    const text = decode(value)
    if (text !== undefined) attributes[name] = text
  }
  return { ...attributes, datacontenttype: headers['content-type'], data }
}

/**
 * Decodes a header value (HTTP binding 3.1.3.2): removes quotes, then percent-decodes once. Undefined if the result is not
 * UTF-8. Node.js returns header bytes as latin1, so this also decodes UTF-8 that was sent without percent-encoding.
 */
function decode(value: string): string | undefined {
  const [, quoted] = /^"(.*)"$/.exec(value) ?? []
  const unquoted = quoted === undefined ? value : quoted.replaceAll(/\\(.)/g, '$1')
  const bytes = unquoted.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return undefined
  }
}
