import type { JsonObject } from '../envelopes/envelope.ts'
import { type CarriedMessage, firstId } from './carrier.ts'

/**
 * Whether an item is a message of Amazon SQS as Lambda and EventBridge Pipes hand it on: `{messageId, receiptHandle, body,
 * eventSource: 'aws:sqs', …}`. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export const isSqsRecord = (item: JsonObject): boolean =>
  'body' in item &&
  (item.eventSource === 'aws:sqs' ||
    (typeof item.messageId === 'string' && typeof item.receiptHandle === 'string'))

export const sqsMessage = (record: JsonObject, path: string): CarriedMessage => ({
  kind: 'message',
  carrier: 'sqs',
  path: `${path}body`,
  content: record.body,
  id: firstId(record.messageId),
})
