import { isFilledText } from '../../values/normal-forms.ts'
import { readDetailEvent } from './detail-event.ts'
import {
  describeType,
  type EnvelopeResult,
  ignored,
  type JsonObject,
  type NotificationContext,
  refused,
} from './envelope.ts'
import { createOddFields } from './odd-fields.ts'
import { readSnapshot } from './snapshot.ts'
import { parseTopic } from './topics.ts'

/** Reads a notification as the websocket sends it: `{topicName, version, eventBody, metadata}`. */
export function readNotification(item: JsonObject): EnvelopeResult {
  const { topicName, eventBody } = item
  if (!isFilledText(topicName))
    return refused('topicName', `must be the topic, but ${describeType(topicName)}`)
  const withEventBody = (body: JsonObject): JsonObject => ({ ...item, eventBody: body })
  return readByTopic(topicName, {
    eventBody,
    item,
    withEventBody,
    prefix: '',
    odd: createOddFields('notification'),
  })
}

/** Returns `ignored` for heartbeats and topics that are not about conversations. */
export function readByTopic(topicName: string, context: NotificationContext): EnvelopeResult {
  const topic = parseTopic(topicName)
  if (topic.kind === 'detail') return readDetailEvent(topic, context)
  if (topic.kind === 'snapshot') return readSnapshot(topic.topic, context)
  return ignored
}
