import { isObject } from '../../values/json.ts'
import type { JsonObject } from '../envelopes/envelope.ts'
import { type CarriedMessage, firstId, recordSource } from './carrier.ts'

/**
 * A record of a Kinesis data stream: Lambda gets `{eventSource: 'aws:kinesis', eventID, kinesis: {data, …}}`, EventBridge Pipes
 * hand on the same fields in one object. https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export function kinesisMessage(record: JsonObject, path: string): CarriedMessage | undefined {
  if (recordSource(record) !== 'aws:kinesis') return undefined
  const nested = isObject(record.kinesis) ? record.kinesis : undefined
  const { data, sequenceNumber } = nested ?? record
  return {
    kind: 'message',
    carrier: 'kinesis',
    path: `${path}${nested === undefined ? '' : 'kinesis.'}data`,
    content: data,
    base64: true,
    id: firstId(record.eventID, sequenceNumber),
  }
}
