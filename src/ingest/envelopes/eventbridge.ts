import { type EnvelopeResult, foreign, found, type JsonObject, refused } from './envelope.ts'
import { id, objectOf, time } from './field-kinds.ts'
import { described, readFields, schemaOf, tableOf } from './field-tables.ts'
import { readEventId } from './ids.ts'
import { readByTopic } from './notification.ts'
import { createOddFields } from './odd-fields.ts'
import { isTopicName, parseTopic } from './topics.ts'

const idField = tableOf({ id: described(id, 'Stays the same when the event is delivered again.') })
const timeField = tableOf({ time })
const timestampField = tableOf({ timestamp: time })

/** A redelivery repeats the id. */
export const identified = schemaOf(idField)

/**
 * Envelope 2: an Amazon EventBridge event. `detail-type` names the topic with a literal `{id}`; `detail` is
 * a notification.
 */
export function readEventBridge(item: JsonObject): EnvelopeResult {
  const { 'detail-type': detailType } = item
  const detail = objectOf(item.detail)
  if (detail === undefined) return refused('detail', `must be an object, but ${found(item.detail)}`)
  const { topicName } = detail
  const odd = createOddFields('eventbridge')
  if (detail !== item.detail) odd.note('detail', item.detail)
  if (!isTopicName(detailType)) odd.note('detail-type', detailType)
  if (!isTopicName(topicName)) odd.note('detail.topicName', topicName)
  // A bus rule may pass on events of other sources: a refusal would only make EventBridge report them as failed.
  if (isTopicName(detailType) && parseTopic(detailType).kind === 'other') return foreign
  const topic = [topicName, detailType].find(isTopicName)
  if (topic === undefined) return refused('detail.topicName', `must be the topic, but ${found(topicName)}`)

  const envelopeId = readEventId(readFields(idField, item, odd).id, odd, 'id')
  return readByTopic(topic, {
    eventBody: detail.eventBody,
    item,
    withEventBody: (eventBody) => ({ ...item, detail: { ...detail, eventBody } }),
    prefix: 'detail.',
    odd,
    occurredAt: () =>
      readFields(timestampField, detail, odd, 'detail.').timestamp ?? readFields(timeField, item, odd).time,
    ...(envelopeId !== undefined && { envelopeId }),
  })
}
