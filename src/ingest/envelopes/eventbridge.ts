import { isFilledText } from '../../values/normal-forms.ts'
import { readEventId } from '../identity.ts'
import { describeType, type EnvelopeResult, ignored, type JsonObject, objectOf, refused } from './envelope.ts'
import { id, readFields, schemaOf, tableOf, time, withDescription } from './fields.ts'
import { readByTopic } from './notification.ts'
import { OddFields } from './odd-fields.ts'
import { parseTopic } from './topics.ts'

const idField = tableOf({ id: withDescription(id, 'A redelivery has the same id.') })
const timeField = tableOf({ time })
const timestampField = tableOf({ timestamp: time })

export const eventBridgeFields = schemaOf(idField)

/**
 * Reads an Amazon EventBridge event. `detail-type` is the topic with a literal `{id}`; `detail` is a notification.
 */
export function readEventBridge(item: JsonObject): EnvelopeResult {
  const { 'detail-type': detailType } = item
  const detail = objectOf(item.detail)
  if (detail === undefined) return refused('detail', `must be an object, but ${describeType(item.detail)}`)
  const { topicName } = detail
  const odd = new OddFields('eventbridge')
  if (detail !== item.detail) odd.note('detail', item.detail)
  if (!isFilledText(detailType)) odd.note('detail-type', detailType)
  if (!isFilledText(topicName)) odd.note('detail.topicName', topicName)
  // A bus rule may forward events of other sources. If they were rejected, EventBridge would report them as failed.
  if (isFilledText(detailType) && parseTopic(detailType).kind === 'other') return ignored
  const topic = [topicName, detailType].find(isFilledText)
  if (topic === undefined)
    return refused('detail.topicName', `must be the topic, but ${describeType(topicName)}`)

  const envelopeId = readEventId(readFields(idField, item, odd).id, odd, 'id')
  return readByTopic(topic, detail.eventBody, {
    item,
    withEventBody: (eventBody) => ({ ...item, detail: { ...detail, eventBody } }),
    prefix: 'detail.',
    odd,
    occurredAt: () =>
      readFields(timestampField, detail, odd, 'detail.').timestamp ?? readFields(timeField, item, odd).time,
    ...(envelopeId !== undefined && { envelopeId }),
  })
}
