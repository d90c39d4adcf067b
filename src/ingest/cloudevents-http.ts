import { type Credentials, header } from './authenticate/secrets.ts'
import { isJsonType } from './envelopes/cloudevent.ts'
import type { FieldProblem, JsonObject, Refusal } from './envelopes/envelope.ts'

/** How a request carries its events; the last three are the content modes of CloudEvents (HTTP binding 1.0.2). */
export type ContentMode = 'plain' | 'structured' | 'batched' | 'binary'

const marks = ['ce-specversion', 'ce-id', 'ce-source', 'ce-type'] as const

/** Undefined for a content type that is not read. */
export function contentMode(headers: Credentials['headers']): ContentMode | undefined {
  const type = mediaType(header({ headers }, 'content-type') ?? '')
  if (type === 'application/cloudevents+json') return 'structured'
  if (type === 'application/cloudevents-batch+json') return 'batched'
  if (type.startsWith('application/cloudevents')) return undefined
  if (marks.some((name) => headers[name] !== undefined)) return isJsonType(type) ? 'binary' : undefined
  return type === 'application/json' ? 'plain' : undefined
}

/** Without parameters. Most senders write the one that needs nothing done to it. */
const mediaType = (contentType: string): string =>
  contentType === 'application/json'
    ? contentType
    : (contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '')

export type BinaryEvent = { readonly kind: 'event'; readonly event: JsonObject } | Refusal

/** The CloudEvent whose attributes are the `ce-` headers and whose data is the body, as structured mode writes it. */
export function fromBinary(headers: Credentials['headers'], data: unknown): BinaryEvent {
  const attributes: Record<string, unknown> = {}
  const problems: FieldProblem[] = []
  for (const [key, value] of Object.entries(headers)) {
    const [, name] = /^ce-([a-z0-9]+)$/.exec(key) ?? []
    if (name === undefined || typeof value !== 'string') continue
    const text = decode(value)
    if (text === undefined) problems.push({ path: name, message: 'must be UTF-8, percent-encoded' })
    else attributes[name] = text
  }
  if (problems.length > 0) return { kind: 'invalid', problems }
  return { kind: 'event', event: { ...attributes, datacontenttype: headers['content-type'], data } }
}

/**
 * The text of a header value (HTTP binding 3.1.3.2): unquoted, then percent-decoded once. Undefined if that is no
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
