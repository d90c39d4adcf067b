import type { MapItem } from '../../rules/mappings/map-item.ts'
import { readCanonical } from './canonical.ts'
import { isLikeDeclared, looksLikeCloudEvent, readCloudEvent } from './cloudevent.ts'
import { type EnvelopeResult, found, isObject, type JsonObject, type ReadItem, refused } from './envelope.ts'
import { readEventBridge } from './eventbridge.ts'
import { isAbsent } from './field-kinds.ts'
import { readMapped } from './mapped.ts'
import { readNotification } from './notification.ts'

/** Recognises an item's envelope by its shape and reads the conversation events in it. */
export const readEnvelope: ReadItem = (item, mapItem) => {
  if (!isObject(item)) return refused('', `must be an object, but ${found(item)}`)
  return looksLikeCloudEvent(item)
    ? readCloudEvent(item, (data) => readOwn(data, mapItem))
    : readOwn(item, mapItem)
}

/** Reads what the request declares a CloudEvent: also without a version, and an event that is not wrapped in one. */
export const readDeclaredCloudEvent: ReadItem = (item, mapItem) =>
  isLikeDeclared(item) ? readCloudEvent(item, (data) => readOwn(data, mapItem)) : readEnvelope(item, mapItem)

/** Reads everything but a CloudEvent; also the data of one. */
function readOwn(item: JsonObject, mapItem: MapItem | undefined): EnvelopeResult {
  const kind = isGenesysEnvelope(item) ? 'genesys' : 'other'
  const mapped = mapItem && readMapped(item, kind, mapItem)
  if (mapped !== undefined) return mapped
  if (kind === 'other') return readCanonical(item)
  return isAbsent(item['detail-type']) ? readNotification(item) : readEventBridge(item)
}

/** Whether an item is marked as an envelope of Genesys Cloud. */
const isGenesysEnvelope = (item: JsonObject): boolean =>
  !isAbsent(item['detail-type']) || !isAbsent(item.topicName)
