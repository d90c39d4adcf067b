import type { JsonObject } from '../envelopes/envelope.ts'
import { type CarriedMessage, type CarrierEntry, firstId } from './carrier.ts'

/**
 * Amazon SNS over HTTP(S), and SNS inside SQS: `{Type, MessageId, TopicArn, Message, …}`. With raw message delivery, SNS sends the
 * event alone. https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 */
export function openSns(item: JsonObject): readonly CarrierEntry[] | undefined {
  const { Type: type, TopicArn: topic, MessageId: id } = item
  if (typeof type !== 'string' || (typeof topic !== 'string' && typeof id !== 'string')) return undefined
  switch (type) {
    case 'Notification':
      return 'Message' in item ? [snsMessage(item, 'Message')] : undefined
    case 'SubscriptionConfirmation':
      return typeof item.SubscribeURL === 'string'
        ? [{ kind: 'sns_confirmation', path: '', confirmation: item }]
        : undefined
    case 'UnsubscribeConfirmation':
      return [{ kind: 'ignored', path: '' }]
    default:
      return undefined
  }
}

export const snsMessage = (notification: JsonObject, path: string): CarriedMessage => ({
  kind: 'message',
  carrier: 'sns',
  path,
  content: notification.Message,
  id: firstId(notification.MessageId),
})
