import { isObject } from '../../values/json.ts'
import type { JsonObject } from '../envelopes/envelope.ts'
import { type CarrierEntry, firstId } from './carrier.ts'

/**
 * A push request of Google Cloud Pub/Sub: `{message: {data, messageId, …}, subscription}`. With payload unwrapping, Pub/Sub sends
 * the event alone. The id of a message is unique within its topic. https://cloud.google.com/pubsub/docs/push
 */
export function openPubsub(item: JsonObject): readonly CarrierEntry[] | undefined {
  const { message, subscription } = item
  if (!isObject(message)) return undefined
  const id = firstId(message.messageId, message.message_id)
  const marks = [typeof subscription === 'string', id !== undefined, message.data !== undefined]
  if (marks.filter((mark) => mark).length < 2) return undefined
  return [
    {
      kind: 'message',
      carrier: 'pubsub',
      path: 'message.data',
      content: message.data,
      base64: true,
      id: id === undefined ? undefined : `${firstId(subscription) ?? ''}/${id}`,
    },
  ]
}
