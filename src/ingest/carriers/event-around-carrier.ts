import { isObject } from '../../values/json.ts'
import { isAbsent, type JsonObject } from '../envelopes/envelope.ts'
import type { CarrierEntry, OpenCarrier } from './carrier.ts'

/**
 * A CloudEvent whose data is a carrier: Eventarc wraps Pub/Sub messages this way. Without an id in the carrier, its `source` and `id`
 * identify the message.
 */
export function openCloudEvent(item: JsonObject, open: OpenCarrier): readonly CarrierEntry[] | undefined {
  if (!isObject(item.data)) return undefined
  return around(open(item.data), 'data', idOf('cloudevent', item.source, item.id))
}

/**
 * An event on an EventBridge bus whose detail is a carrier: the result of a Lambda function, or a record that EventBridge Pipes took
 * from a queue. An event of Genesys Cloud has a topic or a body in its detail and is not a carrier.
 */
export function openBusEvent(item: JsonObject, open: OpenCarrier): readonly CarrierEntry[] | undefined {
  const { detail } = item
  if (!isObject(detail) || !isAbsent(detail.topicName) || !isAbsent(detail.eventBody)) return undefined
  return around(open(detail), 'detail', idOf('eventbridge', item.source, item.id))
}

const idOf = (kind: string, source: unknown, id: unknown): string | undefined =>
  typeof source === 'string' && typeof id === 'string' ? JSON.stringify([kind, source, id]) : undefined

const around = (
  entries: readonly CarrierEntry[] | undefined,
  field: string,
  id: string | undefined,
): readonly CarrierEntry[] | undefined =>
  entries?.map((entry) => {
    const path = entry.path === '' ? field : `${field}.${entry.path}`
    return entry.kind === 'message'
      ? { ...entry, path, id: entry.id ?? (id && `${id}${entry.path}`) }
      : { ...entry, path }
  })
