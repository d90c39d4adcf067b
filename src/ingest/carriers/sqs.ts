import type { JsonObject } from '../envelopes/envelope.ts'
import { type CarriedMessage, firstId, recordSource } from './carrier.ts'

/**
 * Whether an item is a message of Amazon SQS as Lambda and EventBridge Pipes hand it on: `{messageId, receiptHandle, body,
 * eventSource: 'aws:sqs', …}`. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export const isSqsRecord = (item: JsonObject): boolean =>
  recordSource(item) === 'aws:sqs' ||
  ('body' in item && typeof item.messageId === 'string' && typeof item.receiptHandle === 'string')

/** SQS itself writes `Body` and `MessageId`; a function that builds its own records may keep these names. */
export function sqsMessage(record: JsonObject, path: string): CarriedMessage {
  const field = 'body' in record || !('Body' in record) ? 'body' : 'Body'
  return {
    kind: 'message',
    carrier: 'sqs',
    path: `${path}${field}`,
    content: record[field],
    id: firstId(record.messageId, record.MessageId),
  }
}
