import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '../errors.ts'
import { type Json, readJson, readJsonText, unwrapJson } from '../values/json.ts'
import { contentMode, fromBinary } from './cloudevents-http.ts'
import { isObject, type ReadItem, refused } from './envelopes/envelope.ts'
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
export function readBody(rawBody: Buffer, headers: IncomingHttpHeaders, maxBatch: number): Body {
  const encoding = headers['content-encoding']
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
  return {
    items: items.some((item) => typeof item === 'string') ? items.map(decoded) : items,
    read: mode === 'plain' || mode === 'lines' ? readPlain : readDeclared,
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

const unlessUnreadable =
  (read: ReadItem): ReadItem =>
  (item, mapItem) =>
    item instanceof Unreadable
      ? refused('', item.why === undefined ? 'must be JSON' : `must not be ${item.why}`)
      : read(item, mapItem)

const readPlain = unlessUnreadable(readEnvelope)
const readDeclared = unlessUnreadable(readDeclaredCloudEvent)

/** Parses each line of a body that is not one JSON document. */
function linesOf(
  rawBody: Buffer,
  why: string | undefined,
  { declared, maxBatch }: { declared: boolean; maxBatch: number },
): readonly unknown[] {
  if (why !== undefined) throw notJson(why)
  const texts = rawBody
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  const lines = texts.slice(0, maxBatch + 1).map(readJsonText)
  if (lines.length === 0) throw new Problem('invalid_json', 'The body is empty.')
  const areEvents = declared ? lines.some(({ kind }) => kind === 'json') : areObjects(lines)
  if (!areEvents) throw notJson(undefined)
  checkBatch(texts.length, maxBatch)
  return lines.map(toValue)
}

/**
 * Detects NDJSON that is not declared as such: two or more lines, each a JSON object. A single document with a syntax error
 * does not match, because its first or last line is a bracket, or commas separate its objects.
 */
const areObjects = (lines: readonly Json[]): boolean =>
  lines.length > 1 && lines.every((line) => line.kind === 'json' && isObject(line.value))

const notJson = (why: string | undefined): Problem =>
  new Problem('invalid_json', why && `The body is ${why}.`)

function checkBatch(count: number, maxBatch: number): void {
  if (count > maxBatch) throw new Problem('batch_too_large', `${count} events, at most ${maxBatch}.`)
}
