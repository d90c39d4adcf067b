import type { MapItem, Mapped } from '../../rules/mappings/map-item.ts'
import { isObject } from '../../values/json.ts'
import { readCanonical } from './canonical.ts'
import { hasCloudEventField, isCloudEvent, readCloudEvent } from './cloudevent.ts'
import {
  describeType,
  type EnvelopeResult,
  ignored,
  isAbsent,
  type JsonObject,
  type ReadItem,
  refused,
} from './envelope.ts'
import { readEventBridge } from './eventbridge.ts'
import { readNotification } from './notification.ts'
import type { EnvelopeName, OddField } from './odd-fields.ts'

/** `isCarrier`: whether an item is a CloudEvent, which carries an event in another envelope. */
const readerWith =
  (isCarrier: (item: JsonObject) => boolean): ReadItem =>
  (item, mapItem) => {
    if (!isObject(item)) return refused('', `must be an object, but ${describeType(item)}`)
    const readData = (data: JsonObject) => readUnwrapped(data, mapItem)
    return isCarrier(item) ? readCloudEvent(item, readData) : readData(item)
  }

/** Detects the envelope of an item by its fields and reads the conversation events in it. */
export const readEnvelope = readerWith(isCloudEvent)

/** Reads an item that the request declares as a CloudEvent. Also accepts one without a version, and an event without a CloudEvent. */
export const readDeclaredCloudEvent = readerWith(hasCloudEventField)

/** The name of the envelope, for people. `mapping`: that of the rules file which read the item. */
export function envelopeNameOf(item: unknown, mapping: string | undefined): EnvelopeName {
  if (mapping !== undefined) return 'mapped'
  if (!isObject(item)) return 'canonical'
  if (isCloudEvent(item)) return 'cloudevent'
  if (!isAbsent(item['detail-type'])) return 'eventbridge'
  return isAbsent(item.topicName) ? 'canonical' : 'notification'
}

/** Reads an item that is not a CloudEvent, or the data of a CloudEvent. */
function readUnwrapped(item: JsonObject, mapItem: MapItem | undefined): EnvelopeResult {
  const isEventBridge = !isAbsent(item['detail-type'])
  const isGenesys = isEventBridge || !isAbsent(item.topicName)
  const mapped = mapItem?.(item, isGenesys ? 'genesys' : 'other')
  if (mapped !== undefined) return readMapped(item, mapped)
  if (!isGenesys) return readCanonical(item)
  return isEventBridge ? readEventBridge(item) : readNotification(item)
}

/** Validates the fields that a mapping of the rules file read, like those of a canonical event. */
function readMapped(item: JsonObject, mapped: Mapped): EnvelopeResult {
  if (mapped.kind === 'ignored') return ignored
  if (mapped.kind === 'failed') return { kind: 'invalid', problems: mapped.problems }
  const result = readCanonical(mapped.fields, 'mapped')
  if (result.kind === 'ignored') return result
  if (result.kind === 'invalid') {
    const problems = result.problems.map(({ path, message }) => ({
      path,
      message: `${message}: ${mapped.originOf(path)}`,
    }))
    return { kind: 'invalid', problems }
  }
  const drafts = result.drafts.map((draft) => ({ ...draft, body: item }))
  const odd = mapped.odd.map((field): OddField => ({ envelope: 'mapped', field, found: 'object' }))
  return { ...result, drafts, odd: [...result.odd, ...odd] }
}

/** Reads an item and also returns the name of the mapping that it used. For the commands and the dry run. */
export function readWithMappingName(
  read: ReadItem,
  item: unknown,
  mapItem: MapItem | undefined,
): { readonly result: EnvelopeResult; readonly mapping: string | undefined } {
  let mapping: string | undefined
  const noteMapping: MapItem = (one, kind) => {
    const mapped = mapItem?.(one, kind)
    mapping = mapped?.mapping
    return mapped
  }
  const result = read(item, noteMapping)
  return { result, mapping }
}
