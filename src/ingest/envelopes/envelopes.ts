import type { MapItem } from '../../enrich/mappings/map-item.ts'
import { readCanonical } from './canonical.ts'
import { looksLikeCloudEvent, readCloudEvent } from './cloudevent.ts'
import { type EnvelopeResult, isObject, type JsonObject, type ReadItem, refused } from './envelope.ts'
import { readEventBridge } from './eventbridge.ts'
import { found } from './fields.ts'
import { readMapped } from './mapped.ts'
import { readNotification } from './notification.ts'

/** Recognises an item's envelope by its shape and reads the conversation events in it. */
export const readEnvelope: ReadItem = (item, mapItem) => {
  if (!isObject(item)) return refused('', `must be an object, but ${found(item)}`)
  return looksLikeCloudEvent(item)
    ? readCloudEvent(item, (data) => readOwn(data, mapItem))
    : readOwn(item, mapItem)
}

/** Reads what the request calls a CloudEvent, whatever its shape. */
export const readDeclaredCloudEvent: ReadItem = (item, mapItem) =>
  readCloudEvent(item, (data) => readOwn(data, mapItem))

/** The envelopes that can also be the data of a CloudEvent. A mapping goes first: its author knows the sender. */
function readOwn(item: JsonObject, mapItem: MapItem | undefined): EnvelopeResult {
  const mapped = mapItem && readMapped(item, mapItem)
  if (mapped !== undefined) return mapped
  if ('detail-type' in item) return readEventBridge(item)
  return 'topicName' in item ? readNotification(item) : readCanonical(item)
}
