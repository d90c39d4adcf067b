import { dataOf } from '../envelopes/cloudevent.ts'
import { isAbsent, type JsonObject, joinPaths, objectOf } from '../envelopes/envelope.ts'
import { type CarrierEntry, limitedId, type OpenCarrier } from './carrier.ts'
import { hasEvent } from './event-grid.ts'

/**
 * A CloudEvent whose data is a carrier: Eventarc wraps Pub/Sub messages this way. Without an id in the carrier, its `source` and `id`
 * identify the message. Events of Event Grid itself, such as `Microsoft.EventGrid.SubscriptionDeletedEvent`, are ignored.
 */
export function openCloudEvent(item: JsonObject, open: OpenCarrier): readonly CarrierEntry[] | undefined {
  const data = dataOf(item)
  if (data.kind === 'invalid') return undefined // the reader of the envelope reports it
  if (isOfEventGrid(item.type) && !hasEvent(data.value)) return [{ kind: 'ignored', path: '' }]
  return prefixed(open(data.value), data.path, idOf('cloudevent', item.source, item.id))
}

/**
 * An event on an EventBridge bus whose detail is a carrier: the result of a Lambda function, or a record that EventBridge Pipes took
 * from a queue. An event of Genesys Cloud has a topic or a body in its detail and is not a carrier.
 */
export function openBusEvent(item: JsonObject, open: OpenCarrier): readonly CarrierEntry[] | undefined {
  const detail = objectOf(item.detail)
  if (detail === undefined || !isAbsent(detail.topicName) || !isAbsent(detail.eventBody)) return undefined
  return prefixed(open(detail), 'detail', idOf('eventbridge', item.source, item.id))
}

const isOfEventGrid = (type: unknown): boolean =>
  typeof type === 'string' && /^microsoft\.eventgrid\./i.test(type)

const idOf = (kind: string, source: unknown, id: unknown): string | undefined =>
  typeof source === 'string' && typeof id === 'string'
    ? limitedId(JSON.stringify([kind, source, id]))
    : undefined

/** The entries of a carrier in this field. The messages without an id of their own get one from `id`. */
const prefixed = (
  entries: readonly CarrierEntry[] | undefined,
  field: string,
  id: string | undefined,
): readonly CarrierEntry[] | undefined =>
  entries?.map((entry) => {
    const path = joinPaths(field, entry.path)
    return entry.kind === 'message'
      ? { ...entry, path, id: entry.id ?? (id && `${id}${entry.path}`) }
      : { ...entry, path }
  })
