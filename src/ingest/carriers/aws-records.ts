import { isObject } from '../../values/json.ts'
import type { JsonObject } from '../envelopes/envelope.ts'
import { type CarrierEntry, recordSource } from './carrier.ts'
import { kinesisMessage } from './kinesis.ts'
import { snsMessage } from './sns.ts'
import { isSqsRecord, sqsMessage } from './sqs.ts'

/**
 * The records that Lambda gets (`{Records: […]}`), from SQS, SNS or Kinesis. Records of other services are ignored, because a
 * queue may also receive those; S3 even sends a test message when somebody sets up its notifications.
 */
export function openAwsRecords(item: JsonObject): readonly CarrierEntry[] | undefined {
  const { Records: records } = item
  if (!Array.isArray(records))
    return item.Event === 's3:TestEvent' ? [{ kind: 'ignored', path: '' }] : undefined
  if (records.length === 0)
    return Object.keys(item).length === 1 ? [{ kind: 'ignored', path: 'Records' }] : undefined
  if (!records.some((record) => isObject(record) && isAwsRecord(record))) return undefined
  return records.map((record, index) => openRecord(record, `Records[${index}]`))
}

/** A single record, as EventBridge Pipes send them in an array. */
export function openPipesRecord(item: JsonObject): readonly CarrierEntry[] | undefined {
  const message = isSqsRecord(item) ? sqsMessage(item, '') : kinesisMessage(item, '')
  return message && [message]
}

const isAwsRecord = (record: JsonObject): boolean => recordSource(record) !== undefined || isMessage(record)

/** In `Records`, `body` and `messageId` are enough. A lone item with these two may be a sender's own JSON. */
const isMessage = (record: JsonObject): boolean =>
  isSqsRecord(record) || ('body' in record && typeof record.messageId === 'string')

const noSns = 'must be the notification, as Lambda gets it'

function openRecord(record: unknown, path: string): CarrierEntry {
  if (isObject(record)) {
    if (isMessage(record)) return sqsMessage(record, `${path}.`)
    if (isObject(record.Sns)) return snsMessage(record.Sns, `${path}.Sns.Message`)
    if (recordSource(record) === 'aws:sns') return { kind: 'invalid', path: `${path}.Sns`, message: noSns }
    const message = kinesisMessage(record, `${path}.`)
    if (message !== undefined) return message
    if (isAwsRecord(record)) return { kind: 'ignored', path }
  }
  return { kind: 'invalid', path, message: 'must be a record of SQS, SNS or Kinesis, as Lambda gets it' }
}
