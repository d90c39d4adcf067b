import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '../errors.ts'
import { type Json, readJson, unwrapJson } from '../values/json.ts'
import { contentMode, fromBinary } from './cloudevents-http.ts'
import { type ReadItem, refused } from './envelopes/envelope.ts'
import { readDeclaredCloudEvent, readEnvelope } from './envelopes/envelopes.ts'
import { areObjects, readJsonLines } from './json-lines.ts'

/** What a request holds, and how its items are to be read. */
export interface Body {
  /** One event, or each of an array or of the lines. */
  readonly items: readonly unknown[]
  readonly read: ReadItem
}

/**
 * Reads a body that is JSON or NDJSON, also with a byte order mark or encoded twice. Throws `Problem` for any other body,
 * content type or content encoding, and for more than `maxBatch` items. An item that is not JSON is rejected by `read`.
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
    items: items.map((item) => (typeof item === 'string' ? toValue(unwrapJson(item)) : item)),
    read: mode === 'plain' || mode === 'lines' ? readPlain : readDeclared,
  }
}

/** Stands for an item of which only the reason for its refusal is known. */
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

/** The values on the lines of a body that is not one JSON document. */
function linesOf(
  rawBody: Buffer,
  why: string | undefined,
  { declared, maxBatch }: { declared: boolean; maxBatch: number },
): readonly unknown[] {
  if (why !== undefined) throw notJson(why)
  const { count, lines } = readJsonLines(rawBody.toString('utf8'), maxBatch + 1)
  if (count === 0) throw new Problem('invalid_json', 'The body is empty.')
  const areEvents = declared ? lines.some(({ kind }) => kind === 'json') : areObjects(lines)
  if (!areEvents) throw notJson(undefined)
  checkBatch(count, maxBatch)
  return lines.map(toValue)
}

const notJson = (why: string | undefined): Problem =>
  new Problem('invalid_json', why && `The body is ${why}.`)

function checkBatch(count: number, maxBatch: number): void {
  if (count > maxBatch) throw new Problem('batch_too_large', `${count} events, at most ${maxBatch}.`)
}
