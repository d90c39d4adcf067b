import { z } from 'zod'
import { readBase64 } from '../../values/base64.ts'
import { isObject, readJson, unwrapJson } from '../../values/json.ts'
import { isFilledText } from '../../values/normal-forms.ts'
import { withoutUndefined } from '../../values/without-undefined.ts'
import { sha256, storableId } from '../identity.ts'
import {
  describeType,
  type EnvelopeResult,
  type FieldProblem,
  isAbsent,
  type JsonObject,
  joinPaths,
  type Refusal,
  refused,
} from './envelope.ts'
import { readFields, schemaOf, tableOf, text, time, withDescription } from './fields.ts'
import { OddFields } from './odd-fields.ts'

const fields = tableOf({
  specversion: text,
  id: withDescription(text, 'With `source`, identifies duplicates.'),
  source: text,
  type: text,
  time: withDescription(time, 'The time of the event, if its data has none.'),
  datacontenttype: withDescription(text, 'A JSON type.'),
})

/** The documented attributes (CloudEvents 1.0.2). Senders may add others and extensions. */
export const attributes = schemaOf(fields, { specversion: z.string() })

/** Matches `application/json`, `application/vnd.example+json; charset=utf-8` (CloudEvents JSON format 3.1.1) and `x-json`. */
export const isJsonType = (mediaType: string): boolean =>
  /^[^/;\s]+\/([^/;\s]+\+|x-)?json\s*(;|$)/i.test(mediaType)

/** Requires both, because a canonical event may have a field of either name. */
export const isCloudEvent = (item: JsonObject): boolean => !isAbsent(item.specversion) && hasData(item)

/** Whether an item has a CloudEvent field; used if the request declares its items as CloudEvents. */
export const hasCloudEventField = (item: JsonObject): boolean => 'specversion' in item || hasData(item)

const hasData = (item: JsonObject): boolean => !isAbsent(item.data) || !isAbsent(item.data_base64)

type ReadData = (data: JsonObject) => EnvelopeResult

/**
 * Reads a CloudEvent, a carrier: its data is an event in another envelope, or another CloudEvent that contains one. `source` and `id`
 * identify the event and `time` is its time, if the data has none. Only invalid data rejects the event: attributes that
 * are missing or invalid count as absent, even where the specification requires them.
 */
export function readCloudEvent(item: JsonObject, readData: ReadData): EnvelopeResult {
  return readOneCloudEvent(item, (data) =>
    isCloudEvent(data) ? readOneCloudEvent(data, readData) : readData(data),
  )
}

function readOneCloudEvent(item: JsonObject, readData: ReadData): EnvelopeResult {
  const data = dataOf(item)
  if (data.kind === 'invalid') return data
  const result = readData(data.value)
  if (result.kind === 'ignored') return result
  const underDataPath = ({ path, message }: FieldProblem) => ({
    path: joinPaths(data.path, path),
    message,
  })
  if (result.kind === 'invalid') return { kind: 'invalid', problems: result.problems.map(underDataPath) }
  const odd = new OddFields('cloudevent')
  if (typeof item.data === 'string') odd.note('data', item.data)
  if (data.path === 'data' && !isAbsent(item.data_base64)) odd.note('data_base64', item.data_base64)
  const { id: givenId, source: givenSource, time: occurredAt } = readFields(fields, item, odd)
  const id = isFilledText(givenId) ? givenId : undefined
  const source = isFilledText(givenSource) ? givenSource : undefined
  // CloudEvents allows any text as id, so none is odd.
  const own = withoutUndefined({
    id: id === undefined ? undefined : storableId(id),
    envelopeId: id === undefined || source === undefined ? undefined : `cloudevent:${sha256([source, id])}`,
    occurredAt,
  })
  return {
    kind: 'events',
    drafts: result.drafts.map((draft) => ({ ...own, ...draft })),
    rejected: result.rejected.map(underDataPath),
    odd: [...result.odd, ...odd.all],
    content: result.content ?? data.value,
  }
}

type Data = { readonly kind: 'data'; readonly path: string; readonly value: JsonObject } | Refusal

/** Reads `data` if present, else `data_base64`. */
export function dataOf({ data, data_base64: encoded }: JsonObject): Data {
  if (!isAbsent(data) || isAbsent(encoded)) return eventObjectIn(data, 'data')
  const path = 'data_base64'
  const bytes = typeof encoded === 'string' ? readBase64(encoded) : undefined
  if (bytes === undefined) return refused(path, `must be base64, but ${describeType(encoded)}`)
  const json = readJson(bytes)
  if (json.kind === 'json') return eventObjectIn(json.value, path)
  return refused(path, `must be JSON in base64${json.why === undefined ? '' : `, but is ${json.why}`}`)
}

/** The event object in data. It may be JSON text or an array of one. */
function eventObjectIn(encoded: unknown, path: string): Data {
  const json = unwrapJson(encoded)
  if (json.kind === 'invalid') return refused(path, `must not be ${json.why}`)
  const value = Array.isArray(json.value) && json.value.length === 1 ? json.value[0] : json.value
  if (isObject(value)) return { kind: 'data', path, value }
  return Array.isArray(value)
    ? refused(path, 'must be one event: send several events as an array of CloudEvents')
    : refused(path, `must be an event: a JSON object, or the text of one, but ${describeType(value)}`)
}
