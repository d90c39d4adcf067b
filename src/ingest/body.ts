import { Problem } from '../errors.ts'
import { type Json, readJson, readJsonText, unwrapJson } from '../values/json.ts'
import { areObjects, linesIn } from '../values/json-lines.ts'
import { type Credentials, header } from './authenticate/credentials.ts'
import { isJsonType } from './envelopes/cloudevent.ts'
import { type JsonObject, type ReadItem, refused } from './envelopes/envelope.ts'
import { readDeclaredCloudEvent, readEnvelope } from './envelopes/envelopes.ts'

/** The items of a request, and the function that reads them. */
export interface Body {
  /** One event, the items of an array, or the lines of NDJSON. */
  readonly items: readonly unknown[]
  readonly read: ReadItem
}

/**
 * Reads a JSON or NDJSON body. It may have a byte order mark or be JSON-encoded twice. Throws `Problem` for any other body,
 * content type or content encoding, and for more than `maxBatch` items. `read` rejects an item that is not JSON.
 */
export function readBody(rawBody: Buffer, headers: Credentials['headers'], maxBatch: number): Body {
  const encoding = header({ headers }, 'content-encoding')
  if (encoding !== undefined && !/^(identity)?$/i.test(encoding)) throw new Problem('unsupported_media_type')
  const mode = contentMode(headers)
  if (mode === undefined) throw new Problem('unsupported_media_type')
  const document = readJson(rawBody)
  const value =
    document.kind === 'json'
      ? toValue(unwrapJson(document.value))
      : linesOf(rawBody, document.why, { declared: mode === 'lines', maxBatch })
  if (value instanceof Unreadable) throw notJson(value.why)
  const items = mode === 'binary' ? [fromBinary(headers, value)] : Array.isArray(value) ? value : [value]
  checkBatch(items.length, maxBatch)
  const read = mode === 'plain' || mode === 'lines' ? readEnvelope : readDeclaredCloudEvent
  return {
    items: items.some((item) => typeof item === 'string') ? items.map(decoded) : items,
    read: (item, mapItem) => (item instanceof Unreadable ? notJsonItem(item) : read(item, mapItem)),
  }
}

/** Decodes an item that was encoded twice. */
const decoded = (item: unknown): unknown => (typeof item === 'string' ? toValue(unwrapJson(item)) : item)

/** Replaces an item that is not JSON; `why` is the reason, if known. */
class Unreadable {
  readonly why: string | undefined

  constructor(why: string | undefined) {
    this.why = why
  }
}

const toValue = (json: Json): unknown => (json.kind === 'json' ? json.value : new Unreadable(json.why))

const notJsonItem = ({ why }: Unreadable) =>
  refused('', why === undefined ? 'must be JSON' : `must not be ${why}`)

/** Parses each line of a body that is not one JSON document. */
function linesOf(
  rawBody: Buffer,
  why: string | undefined,
  { declared, maxBatch }: { declared: boolean; maxBatch: number },
): readonly unknown[] {
  if (why !== undefined) throw notJson(why)
  const texts = linesIn(rawBody.toString('utf8'))
  const lines = texts.slice(0, maxBatch + 1).map(readJsonText)
  if (lines.length === 0) throw new Problem('invalid_json', 'The body is empty.')
  const areEvents = declared ? lines.some(({ kind }) => kind === 'json') : areObjects(lines)
  if (!areEvents) throw notJson(undefined)
  checkBatch(texts.length, maxBatch)
  return lines.map(toValue)
}

const notJson = (why: string | undefined): Problem =>
  new Problem('invalid_json', why && `The body is ${why}.`)

function checkBatch(count: number, maxBatch: number): void {
  if (count > maxBatch) throw new Problem('batch_too_large', `${count} events, at most ${maxBatch}.`)
}

/**
 * The format of a request. `plain`: any JSON. `lines`: NDJSON. `structured`: one CloudEvent or a batch of them.
 * `binary`: the data of one CloudEvent, with its attributes in headers (HTTP binding 1.0.2).
 */
type ContentMode = 'plain' | 'lines' | 'structured' | 'binary'

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
