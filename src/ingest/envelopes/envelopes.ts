import type { MapItem } from '../../rules/mappings/map-item.ts'
import { readCanonical } from './canonical.ts'
import { hasCloudEventField, isCloudEvent, readCloudEvent } from './cloudevent.ts'
import {
  describeType,
  type EnvelopeResult,
  isObject,
  type JsonObject,
  type ReadItem,
  refused,
} from './envelope.ts'
import { readEventBridge } from './eventbridge.ts'
import { isAbsent } from './field-kinds.ts'
import { readMapped } from './mapped.ts'
import { readNotification } from './notification.ts'

/** Detects the envelope of an item by its fields and reads the conversation events in it. */
export const readEnvelope: ReadItem = (item, mapItem) => {
  if (!isObject(item)) return refused('', `must be an object, but ${describeType(item)}`)
  return isCloudEvent(item)
    ? readCloudEvent(item, (data) => readUnwrapped(data, mapItem))
    : readUnwrapped(item, mapItem)
}

/** Reads an item that the request declares as a CloudEvent. Also accepts one without a version, and an event without a CloudEvent. */
export const readDeclaredCloudEvent: ReadItem = (item, mapItem) =>
  hasCloudEventField(item)
    ? readCloudEvent(item, (data) => readUnwrapped(data, mapItem))
    : readEnvelope(item, mapItem)

/** Reads an item that is not a CloudEvent, or the data of a CloudEvent. */
function readUnwrapped(item: JsonObject, mapItem: MapItem | undefined): EnvelopeResult {
  const kind = isGenesysEnvelope(item) ? 'genesys' : 'other'
  const mapped = mapItem && readMapped(item, kind, mapItem)
  if (mapped !== undefined) return mapped
  if (kind === 'other') return readCanonical(item)
  return isAbsent(item['detail-type']) ? readNotification(item) : readEventBridge(item)
}

/** Whether an item is an EventBridge event or a notification. */
const isGenesysEnvelope = (item: JsonObject): boolean =>
  !isAbsent(item['detail-type']) || !isAbsent(item.topicName)
