import { isUnfilledTemplate } from '../../values.ts'
import { type EnvelopeResult, foreign, found, type JsonObject, refused } from './envelope.ts'
import { described, id, objectOf, readFields, schemaOf, tableOf, time } from './fields.ts'
import { readEventId } from './ids.ts'
import { readByTopic } from './notification.ts'
import { createOddFields } from './odd-fields.ts'
import { parseTopic } from './topics.ts'

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
  // Either names the topic. A bus rule may let events of other sources through: nobody shall send them again.
  if (typeof detailType !== 'string') odd.note('detail-type', detailType)
  else if (parseTopic(detailType).kind === 'other') return foreign
  if (typeof topicName !== 'string') odd.note('detail.topicName', topicName)
  const topic = [topicName, detailType].find((name) => typeof name === 'string' && !isUnfilledTemplate(name))
  if (typeof topic !== 'string')
    return refused('detail.topicName', `must be the topic, but ${found(topicName)}`)

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
