import { readCanonical } from './canonical.ts'
import { type EnvelopeResult, isObject } from './envelope.ts'
import { readEventBridge } from './eventbridge.ts'
import { readNotification } from './notification.ts'

/** Recognises an item's envelope by its shape and reads the conversation events in it. Pure; never throws. */
export function readEnvelope(item: unknown): EnvelopeResult {
  if (!isObject(item)) return { kind: 'invalid', problems: [{ path: '', message: 'must be an object' }] }
  if ('detail-type' in item) return readEventBridge(item)
  if ('topicName' in item) return readNotification(item)
  return readCanonical(item)
}
