import { z } from 'zod'
import { sha256 } from '../identity.ts'
import { readJson } from '../json.ts'
import {
  type EnvelopeResult,
  found,
  isObject,
  type JsonObject,
  present,
  type Refusal,
  refused,
} from './envelope.ts'
import { isAbsent, objectOf, readFields, schemaOf, tableOf, text, time } from './fields.ts'
import { readEventId } from './ids.ts'
import { createOddFields } from './odd-fields.ts'

const fields = tableOf({ specversion: text, id: text, source: text, type: text, time, datacontenttype: text })

/** What a sender should write (CloudEvents 1.0.2); others and extensions may stand beside these attributes. */
export const attributes = schemaOf(fields, { specversion: z.string().nullable() })

/** `application/json`, `application/vnd.example+json; charset=utf-8`: what CloudEvents calls JSON-formatted (JSON format 3.1.1). */
export const isJsonType = (mediaType: string): boolean =>
  /^[^/;\s]+\/([^/;\s]+\+)?json\s*(;|$)/i.test(mediaType)

/** A canonical event may have a field of either name, so both are needed. */
export const looksLikeCloudEvent = (item: JsonObject): boolean =>
  'specversion' in item && ('data' in item || 'data_base64' in item)

/**
 * Envelope 4: a CloudEvent, whose data is an event in one of the other envelopes. `source` and `id` identify the
 * event, and `time` dates it, where the data does not do so itself. Its other attributes decide nothing here.
 */
export function readCloudEvent(
  item: unknown,
  readData: (data: JsonObject) => EnvelopeResult,
): EnvelopeResult {
  if (!isObject(item)) return refused('', `must be an object, but ${found(item)}`)
  const data = dataOf(item)
  if (data.kind === 'invalid') return data
  const result = readData(data.value)
  if (result.kind === 'foreign') return result
  const within = ({ path, message }: Refusal['problems'][number]) => ({
    path: `${data.path}.${path}`,
    message,
  })
  if (result.kind === 'invalid') return { kind: 'invalid', problems: result.problems.map(within) }
  const odd = createOddFields('cloudevent')
  if (typeof item.data === 'string') odd.note('data', item.data)
  if (data.path === 'data' && !isAbsent(item.data_base64)) odd.note('data_base64', item.data_base64)
  const { id, source, time: occurredAt } = readFields(fields, item, odd)
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
  }
}

type Data = { readonly kind: 'data'; readonly path: string; readonly value: JsonObject } | Refusal

function dataOf({ data, data_base64: encoded }: JsonObject): Data {
  if (!isAbsent(data) || isAbsent(encoded)) return eventIn(data, 'data')
  const path = 'data_base64'
  if (typeof encoded !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded))
    return refused(path, `must be base64, but ${found(encoded)}`)
  const json = readJson(Buffer.from(encoded, 'base64'))
  if (json.kind === 'json') return eventIn(json.value, path)
  return refused(path, `must be JSON in base64${json.why === undefined ? '' : `: it is ${json.why}`}`)
}

function eventIn(value: unknown, path: string): Data {
  if (Array.isArray(value))
    return refused(
      path,
      'must be one event, not an array: send several as application/cloudevents-batch+json',
    )
  const event = objectOf(value)
  if (event === undefined) return refused(path, `must be an event: an object, but ${found(value)}`)
  if (looksLikeCloudEvent(event))
    return refused(path, 'is a CloudEvent itself: send that as application/cloudevents+json')
  return { kind: 'data', path, value: event }
}
