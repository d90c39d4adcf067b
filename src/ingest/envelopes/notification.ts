import { isFilledText } from '../../values/normal-forms.ts'
import { readDetailEvent } from './detail-event.ts'
import {
  describeType,
  type EnvelopeResult,
  ignored,
  type JsonObject,
  type NotificationContext,
  objectOf,
  refused,
} from './envelope.ts'
import { OddFields } from './odd-fields.ts'
import { readSnapshot } from './snapshot.ts'
import { parseTopic } from './topics.ts'

/** Reads a notification as the websocket sends it: `{topicName, version, eventBody, metadata}`. */
export function readNotification(item: JsonObject): EnvelopeResult {
  const { topicName } = item
  if (!isFilledText(topicName))
    return refused('topicName', `must be the topic, but ${describeType(topicName)}`)
  return readByTopic(topicName, item.eventBody, {
    item,
    withEventBody: (eventBody) => ({ ...item, eventBody }),
    prefix: '',
    odd: new OddFields('notification'),
  })
}

/** Returns `ignored` for heartbeats and topics that are not about conversations. */
export function readByTopic(
  topicName: string,
  eventBody: unknown,
  context: Omit<NotificationContext, 'body' | 'path'>,
): EnvelopeResult {
  const topic = parseTopic(topicName)
  if (topic.kind === 'other') return ignored
  const path = `${context.prefix}eventBody`
  const body = objectOf(eventBody)
  if (body === undefined) return refused(path, `must be an object, but ${describeType(eventBody)}`)
  if (body !== eventBody) context.odd.note(path, eventBody)
  const notification = { ...context, body, path }
  return topic.kind === 'detail'
    ? readDetailEvent(topic, notification)
    : readSnapshot(topic.topic, notification)
}
