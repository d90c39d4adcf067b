import { isObject } from '../../values/json.ts'
import { isAbsent, type JsonObject, objectOf } from '../envelopes/envelope.ts'
import { type CarrierEntry, firstId } from './carrier.ts'

const validation = 'Microsoft.EventGrid.SubscriptionValidationEvent'

/** Fields that Event Grid sends beside `eventType` and `data`. Two of them distinguish its events from JSON of other senders. */
const furtherFields = ['subject', 'eventTime', 'dataVersion', 'metadataVersion', 'topic'] as const

/**
 * An event in the Event Grid schema: `{id, topic, subject, eventType, eventTime, data, dataVersion, metadataVersion}`. Events of
 * Azure itself are ignored. https://learn.microsoft.com/azure/event-grid/event-schema
 */
export function openEventGrid(item: JsonObject): readonly CarrierEntry[] | undefined {
  if (!isEventGridEvent(item)) return undefined
  if (/^microsoft\./i.test(String(item.eventType))) return [{ kind: 'ignored', path: '' }]
  const id = firstId(item.id)
  // Genesys Cloud's own blueprint sends the EventBridge event as `message`:
  // https://github.com/GenesysCloudBlueprints/genesyscloud-eventbridge-eventgrid-blueprint
  const message = isObject(item.data) ? messageOf(item.data) : undefined
  return [
    {
      kind: 'message',
      carrier: 'event_grid',
      path: message === undefined ? 'data' : 'data.message',
      content: message ?? item.data,
      id: id === undefined ? undefined : `${firstId(item.topic) ?? ''}/${id}`,
    },
  ]
}

/** The code that Event Grid wants back before it sends events to this address; undefined for any other request. */
export function validationCodeIn(items: readonly unknown[]): string | undefined {
  const [item] = items
  if (items.length !== 1 || !isObject(item) || item.eventType !== validation || !isObject(item.data))
    return undefined
  return firstId(item.data.validationCode)
}

function isEventGridEvent(item: JsonObject): boolean {
  const { eventType, data } = item
  if (typeof eventType !== 'string' || isAbsent(data)) return false
  return furtherFields.filter((name) => typeof item[name] === 'string').length >= 2
}

/** Undefined if the data itself is the event. */
function messageOf(data: JsonObject): unknown {
  if (isMarked(data)) return undefined
  return isMarked(objectOf(data.message)) || Object.keys(data).length === 1 ? data.message : undefined
}

/** Whether an object has a field that only envelopes have. */
const isMarked = (data: JsonObject | undefined): boolean =>
  data !== undefined &&
  ['conversationId', 'topicName', 'detail-type', 'specversion'].some((name) => !isAbsent(data[name]))
