import { z } from 'zod'
import { sha256 } from '../identity.ts'
import { readJson } from '../json.ts'
import {
  type EnvelopeResult,
  invalid,
  isObject,
  type JsonObject,
  present,
  type Refusal,
  refused,
} from './envelope.ts'
import { eventId, optional, time } from './fields.ts'

/** A pattern, since zod looks at the `length` of whatever has one, also of what is no text. */
const mandatory = z.string('must be text').regex(/[\s\S]/, 'must not be empty')

/** `application/json`, `application/vnd.example+json; charset=utf-8`: what CloudEvents calls JSON-formatted (JSON format 3.1.1). */
export const isJsonType = (mediaType: string): boolean =>
  /^[^/;\s]+\/([^/;\s]+\+)?json\s*(;|$)/i.test(mediaType)

/** Text only, unlike in the other envelopes: RFC 3339. */
const timestamp = z
  .string('must be text')
  .transform((text): string | number => text)
  .pipe(time)

/** The attributes that mean something here (CloudEvents 1.0.2); others and extensions may stand beside them. */
export const attributes = z.object({
  specversion: z.literal('1.0', 'must be "1.0"'),
  id: mandatory,
  source: mandatory,
  type: mandatory,
  time: optional(timestamp),
  datacontenttype: optional(
    z
      .string('must be text')
      .refine(isJsonType, 'must be a JSON type such as application/json: send the data as JSON'),
  ),
})

const attributesReader = z.compile(attributes)

/** The envelope is told by its version beside its data: a canonical event may have a field of either name. */
export const looksLikeCloudEvent = (item: JsonObject): boolean =>
  'specversion' in item && ('data' in item || 'data_base64' in item)

/**
 * Envelope 4: a CloudEvent, whose data is an event in one of the other envelopes. `source` and `id` identify the
 * event, and `time` dates it, where the data does not do so itself.
 */
export function readCloudEvent(
  item: unknown,
  readData: (data: JsonObject) => EnvelopeResult,
): EnvelopeResult {
  if (!isObject(item)) return refused('', 'must be an object')
  const parsed = attributesReader.safeParse(item)
  if (!parsed.success) return invalid(parsed.error)
  const data = dataOf(item)
  if (data.kind === 'invalid') return data
  const result = readData(data.value)
  if (result.kind === 'foreign') return result
  if (result.kind === 'invalid') {
    const problems = result.problems.map(({ path, message }) => ({ path: `${data.path}.${path}`, message }))
    return { kind: 'invalid', problems }
  }
  const { source, id, time: occurredAt } = parsed.data
  const own = {
    // Any text can be a CloudEvent's id: what would not do as the id of an event stands there as its hash.
    id: eventId.safeParse(id).success ? id : sha256(id),
    envelopeId: `cloudevent:${sha256([source, id])}`,
    ...present({ occurredAt }),
  }
  return { kind: 'events', drafts: result.drafts.map((draft) => ({ ...own, ...draft })) }
}

type Data = { readonly kind: 'data'; readonly path: string; readonly value: JsonObject } | Refusal

function dataOf({ data, data_base64: encoded }: JsonObject): Data {
  if (encoded === undefined || encoded === null) return eventIn(data, 'data')
  const path = 'data_base64'
  if (data !== undefined && data !== null) return refused(path, 'must not stand beside data')
  if (typeof encoded !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded))
    return refused(path, 'must be base64')
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
  if (!isObject(value)) return refused(path, 'must be an event: an object')
  if (looksLikeCloudEvent(value))
    return refused(path, 'is a CloudEvent itself: send that as application/cloudevents+json')
  return { kind: 'data', path, value }
}
