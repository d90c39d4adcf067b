import { isObject } from '../../values/json.ts'
import { hasEnvelopeField, type JsonObject } from '../envelopes/envelope.ts'
import { type CarrierEntry, limitedId } from './carrier.ts'

/**
 * The request of Amazon Data Firehose to an HTTP endpoint: `{requestId, timestamp, records: [{data}]}`. Firehose repeats a request
 * with the same id and records. https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
 */
export function openFirehose(item: JsonObject): readonly CarrierEntry[] | undefined {
  const requestId = firehoseRequestIdIn(item)
  const { records } = item
  if (requestId === undefined || !Array.isArray(records)) return undefined
  if (records.length === 0) return [{ kind: 'ignored', path: 'records' }]
  const id = limitedId(requestId)
  return records.map((record: unknown, index): CarrierEntry => {
    const path = `records[${index}]`
    if (!isObject(record)) return { kind: 'invalid', path, message: 'must be an object with data' }
    return {
      kind: 'message',
      carrier: 'firehose',
      path: `${path}.data`,
      content: record.data,
      base64: true,
      id: `${id}/${index}`,
    }
  })
}

/** The id of the request, if the item is one of Firehose. An event may have the same fields, so its own fields come first. */
export function firehoseRequestIdIn(item: JsonObject): string | undefined {
  const { requestId, timestamp, records } = item
  if (hasEnvelopeField(item)) return undefined
  if (typeof requestId !== 'string' || !Array.isArray(records)) return undefined
  const isFirehose =
    records.length === 0
      ? typeof timestamp === 'number'
      : records.some((record) => isObject(record) && 'data' in record)
  return isFirehose ? requestId : undefined
}
