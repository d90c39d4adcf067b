import { z } from 'zod'
import { readJson, unwrapJson } from '../../values/json.ts'
import { sha256 } from '../identity.ts'
import {
  type EnvelopeResult,
  found,
  isObject,
  type JsonObject,
  present,
  type Refusal,
  refused,
} from './envelope.ts'
import { isAbsent, text, time } from './field-kinds.ts'
import { described, readFields, schemaOf, tableOf } from './field-tables.ts'
import { readEventId } from './ids.ts'
import { createOddFields } from './odd-fields.ts'

const fields = tableOf({
  specversion: text,
  id: described(text, 'With `source` it makes a second delivery known as such.'),
  source: text,
  type: text,
  time: described(time, 'Dates the event where its data does not.'),
  datacontenttype: described(text, 'A JSON type.'),
})

/** What a sender should write (CloudEvents 1.0.2); others and extensions may stand beside these attributes. */
export const attributes = schemaOf(fields, { specversion: z.string() })

/** `application/json`, `application/vnd.example+json; charset=utf-8`: what CloudEvents calls JSON-formatted (JSON format 3.1.1), and `x-json`. */
export const isJsonType = (mediaType: string): boolean =>
  /^[^/;\s]+\/([^/;\s]+\+|x-)?json\s*(;|$)/i.test(mediaType)

/** A canonical event may have a field of either name, so both are needed. */
export const looksLikeCloudEvent = (item: JsonObject): boolean => !isAbsent(item.specversion) && hasData(item)

/** Whether an item that the request declares a CloudEvent has the fields of one. */
export const isLikeDeclared = (item: unknown): boolean =>
  !isObject(item) || 'specversion' in item || hasData(item)

const hasData = (item: JsonObject): boolean => !isAbsent(item.data) || !isAbsent(item.data_base64)

type ReadData = (data: JsonObject) => EnvelopeResult

/**
 * Envelope 4: a CloudEvent, whose data is an event in one of the other envelopes, or once more a CloudEvent around one.
 * `source` and `id` identify the event, and `time` dates it, where the data does not do so itself. Only the data can be
 * refused: attributes that are missing or unusable count as absent, whatever the specification demands of senders.
 */
export function readCloudEvent(item: unknown, readData: ReadData): EnvelopeResult {
  return readAround(item, (data) => (looksLikeCloudEvent(data) ? readAround(data, readData) : readData(data)))
}

function readAround(item: unknown, readData: ReadData): EnvelopeResult {
  if (!isObject(item)) return refused('', `must be an object, but ${found(item)}`)
  const data = dataOf(item)
  if (data.kind === 'invalid') return data
  const result = readData(data.value)
  if (result.kind === 'foreign') return result
  const within = ({ path, message }: Refusal['problems'][number]) => ({
    path: path === '' ? data.path : `${data.path}.${path}`,
    message,
  })
  if (result.kind === 'invalid') return { kind: 'invalid', problems: result.problems.map(within) }
  const odd = createOddFields('cloudevent')
  if (typeof item.data === 'string') odd.note('data', item.data)
  if (data.path === 'data' && !isAbsent(item.data_base64)) odd.note('data_base64', item.data_base64)
  const { id: givenId, source: givenSource, time: occurredAt } = readFields(fields, item, odd)
  const id = unlessBlank(givenId)
  const source = unlessBlank(givenSource)
  // Any text is a valid id of a CloudEvent.
  const own = present({
    id: readEventId(id, odd, 'id'),
    envelopeId: id === undefined || source === undefined ? undefined : `cloudevent:${sha256([source, id])}`,
    occurredAt,
  })
  return {
    kind: 'events',
    drafts: result.drafts.map((draft) => ({ ...own, ...draft })),
    rejected: result.rejected.map(within),
    odd: [...result.odd, ...odd.all],
    content: result.content ?? data.value,
  }
}

const unlessBlank = (text: string | undefined): string | undefined =>
  text === undefined || text.trim() === '' ? undefined : text

type Data = { readonly kind: 'data'; readonly path: string; readonly value: JsonObject } | Refusal

/** `data` if it is there, else `data_base64`. */
function dataOf({ data, data_base64: encoded }: JsonObject): Data {
  if (!isAbsent(data) || isAbsent(encoded)) return eventIn(data, 'data')
  const path = 'data_base64'
  if (typeof encoded !== 'string' || !/^[A-Za-z0-9+/_\s-]+={0,2}$/.test(encoded.trim()))
    return refused(path, `must be base64, but ${found(encoded)}`)
  const json = readJson(Buffer.from(encoded, 'base64'))
  if (json.kind === 'json') return eventIn(json.value, path)
  return refused(path, `must be JSON in base64${json.why === undefined ? '' : `: it is ${json.why}`}`)
}

/** The event in data, which may be the text of a JSON object, or an array of one. */
function eventIn(encoded: unknown, path: string): Data {
  const json = unwrapJson(encoded)
  if (json.kind === 'invalid') return refused(path, `must not be ${json.why}`)
  const value = Array.isArray(json.value) && json.value.length === 1 ? json.value[0] : json.value
  if (isObject(value)) return { kind: 'data', path, value }
  return Array.isArray(value)
    ? refused(path, 'must be one event: send several in an array of CloudEvents')
    : refused(path, `must be an event: a JSON object, or the text of one, but ${found(value)}`)
}
