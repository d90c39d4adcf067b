import { readCanonical } from './canonical.ts'
import { looksLikeCloudEvent, readCloudEvent } from './cloudevent.ts'
import { type EnvelopeResult, isObject, type JsonObject, type ReadItem, refused } from './envelope.ts'
import { readEventBridge } from './eventbridge.ts'
import { readNotification } from './notification.ts'

/** Recognises an item's envelope by its shape and reads the conversation events in it. */
export const readEnvelope: ReadItem = (item) => {
  if (!isObject(item)) return refused('', 'must be an object')
  return looksLikeCloudEvent(item) ? readCloudEvent(item, readOwn) : readOwn(item)
}

/** Reads what the request calls a CloudEvent, whatever its shape. */
export const readDeclaredCloudEvent: ReadItem = (item) => readCloudEvent(item, readOwn)

/** The envelopes that speak of conversations themselves, and can be the data of a CloudEvent. */
function readOwn(item: JsonObject): EnvelopeResult {
  if ('detail-type' in item) return readEventBridge(item)
  if ('topicName' in item) return readNotification(item)
  return readCanonical(item)
}
