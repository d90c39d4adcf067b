import { type Credentials, header } from './authenticate/credentials.ts'
import { isJsonType } from './envelopes/cloudevent.ts'
import type { JsonObject } from './envelopes/envelope.ts'

/**
 * How a request carries its events. `plain`: any JSON. `lines`: NDJSON. `structured`: CloudEvents, one or a batch.
 * `binary`: the data of one CloudEvent, whose attributes are headers (HTTP binding 1.0.2).
 */
export type ContentMode = 'plain' | 'lines' | 'structured' | 'binary'

const marks = ['ce-specversion', 'ce-id', 'ce-source', 'ce-type'] as const

/** Undefined for a content type that is not read: neither JSON nor plain text. */
export function contentMode(headers: Credentials['headers']): ContentMode | undefined {
  const type = mediaType(header({ headers }, 'content-type') ?? '')
  if (type !== 'application/json') {
    if (/^application\/cloudevents(-batch)?\+json$/.test(type)) return 'structured'
    if (/^(application|text)\/(x-)?(ndjson|jsonl|json-?lines)$/.test(type)) return 'lines'
    if (type !== '' && type !== 'text/plain' && !isJsonType(type)) return undefined
  }
  return marks.some((name) => headers[name] !== undefined) ? 'binary' : 'plain'
}

/** Without parameters. Most senders write the one that needs nothing done to it. */
export const mediaType = (contentType: string): string =>
  contentType === 'application/json'
    ? contentType
    : (contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '')

/**
 * The CloudEvent whose attributes are the `ce-` headers and whose data is the body, as structured mode writes it. A
 * header that is not percent-encoded UTF-8 counts as absent.
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
 * The text of a header value (HTTP binding 3.1.3.2): unquoted, then percent-decoded once. Undefined if that is not
 * UTF-8. Node.js hands headers out byte by byte, so text that was sent as it is, not encoded, is understood too.
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
