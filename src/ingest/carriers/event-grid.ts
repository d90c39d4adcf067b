import { isObject } from '../../values/json.ts'
import { hasEnvelopeField, isAbsent, type JsonObject, objectOf } from '../envelopes/envelope.ts'
import { type CarrierEntry, firstId, firstText } from './carrier.ts'

const validationType = 'Microsoft.EventGrid.SubscriptionValidationEvent'

/** Fields that Event Grid sends beside `eventType` and `data`. Two of them distinguish its events from JSON of other senders. */
const furtherFields = ['subject', 'eventTime', 'dataVersion', 'metadataVersion', 'topic'] as const

/**
 * An event in the Event Grid schema: `{id, topic, subject, eventType, eventTime, data, dataVersion, metadataVersion}`. Events of
 * Azure itself are ignored, unless a conversation event is in their data. https://learn.microsoft.com/azure/event-grid/event-schema
 */
export function openEventGrid(item: JsonObject): readonly CarrierEntry[] | undefined {
  const { eventType } = item
  if (typeof eventType !== 'string' || !isEventGridEvent(item)) return undefined
  if (/^microsoft\./i.test(eventType) && !hasEvent(item.data)) return [{ kind: 'ignored', path: '' }]
  const id = firstId(item.id)
  // Genesys Cloud's own blueprint sends the EventBridge event as `message`:
  // https://github.com/GenesysCloudBlueprints/genesyscloud-eventbridge-eventgrid-blueprint
  const message = isObject(item.data) ? messageOf(item.data) : undefined
  return [
    {
      kind: 'message',
      carrier: 'event_grid',
      mayBeOwnJson: true,
      path: message === undefined ? 'data' : 'data.message',
      content: message ?? item.data,
      id: id === undefined ? undefined : `${firstId(item.topic) ?? ''}/${id}`,
    },
  ]
}

/** The code that Event Grid wants back before it sends events to this address; undefined for any other request. */
export function validationCodeIn(items: readonly unknown[]): string | undefined {
  const [item] = items
  if (items.length !== 1 || !isObject(item) || hasEnvelopeField(item)) return undefined
  if (item.eventType !== validationType || !isObject(item.data)) return undefined
  return firstText(item.data.validationCode)
}

const isEventGridEvent = (item: JsonObject): boolean =>
  !isAbsent(item.data) && furtherFields.filter((name) => typeof item[name] === 'string').length >= 2

/** Whether data has the fields of an event, itself or in `message`. */
export function hasEvent(given: unknown): boolean {
  const data = objectOf(given)
  if (data === undefined) return false
  const message = objectOf(data.message)
  return hasEnvelopeField(data) || (message !== undefined && hasEnvelopeField(message))
}

/** Undefined if the data itself is the event. */
function messageOf(data: JsonObject): unknown {
  if (hasEnvelopeField(data)) return undefined
  return hasEvent(data) || Object.keys(data).length === 1 ? data.message : undefined
}
