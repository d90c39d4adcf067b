import { isObject, unwrapJson } from '../../values/json.ts'
import { isCloudEvent } from '../envelopes/cloudevent.ts'
import { isAbsent, type JsonObject, joinPaths } from '../envelopes/envelope.ts'
import { openApiGateway } from './api-gateway.ts'
import { openAwsRecords, openPipesRecord } from './aws-records.ts'
import type { CarriedMessage, CarrierEntry, CarrierName, OpenCarrier } from './carrier.ts'
import { openCloudwatchLogs } from './cloudwatch-logs.ts'
import { contentOf } from './content.ts'
import { openBusEvent, openCloudEvent } from './event-around-carrier.ts'
import { openEventGrid } from './event-grid.ts'
import { openFirehose } from './firehose.ts'
import { openLambdaDestination } from './lambda-destination.ts'
import { OpenedItem, type Position } from './opened-item.ts'
import { openPubsub } from './pubsub.ts'
import { openSns } from './sns.ts'
import { UnpackAllowance, type UnpackLimits } from './unpack-allowance.ts'

/** EventBridge → SNS → SQS → Lambda → destination has three; one more is spare. */
export const maxDepth = 4

/** An EventBridge event in a CloudEvent has two. */
const maxEventsAround = 2

const openers: readonly OpenCarrier[] = [
  openSns,
  openAwsRecords,
  openPipesRecord,
  openPubsub,
  openEventGrid,
  openFirehose,
  openLambdaDestination,
  openApiGateway,
  openCloudwatchLogs,
]

/**
 * The entries of a carrier; undefined for any other item. The first checks recognise the envelopes of this service, which have a
 * field that no carrier has, so they cost little and are never mistaken for a carrier, whatever other fields they have. `eventsAround`:
 * the number of CloudEvents and EventBridge events around the item. In too many of them, a carrier is not found: each one costs a
 * copy of the entries.
 */
export function openCarrier(item: JsonObject, eventsAround = 0): readonly CarrierEntry[] | undefined {
  if (!isAbsent(item.conversationId) || !isAbsent(item.topicName)) return undefined
  const isOnBus = !isAbsent(item['detail-type'])
  const isEvent = isCloudEvent(item)
  if (isEvent || isOnBus) {
    if ((isEvent && isOnBus) || eventsAround === maxEventsAround) return undefined
    const openInside: OpenCarrier = (inside) => openCarrier(inside, eventsAround + 1)
    return isEvent ? openCloudEvent(item, openInside) : openBusEvent(item, openInside)
  }
  for (const open of openers) {
    const entries = open(item)
    if (entries !== undefined) return entries
  }
  return undefined
}

export interface OpeningLimits {
  /** Default: not limited. */
  readonly maxItems?: number | undefined
  /** For the messages in base64, perhaps compressed by gzip, together. */
  readonly unpacked?: UnpackLimits | undefined
}

export interface OpenedCarriers {
  /** If an item is a carrier: `OpenedItem` only. Otherwise the items as they were. */
  readonly items: readonly unknown[]
  /** The messages taken out of each carrier. */
  readonly counts: ReadonlyMap<CarrierName, number>
  /** SNS messages that ask to confirm a subscription. */
  readonly confirmations: readonly JsonObject[]
  /** The limit that they exceed: then `items` has only some of them. */
  readonly exceeds: 'items' | 'unpacked_bytes' | undefined
}

const noCarriers = { counts: new Map(), confirmations: [], exceeds: undefined } as const

/** Takes the items of a request out of their carriers, also nested ones. A message that cannot be read is one invalid item. Pure but for `hold`; never throws. */
export function openCarriers(items: readonly unknown[], limits: OpeningLimits = {}): OpenedCarriers {
  const entriesOf = items.map(entriesIn)
  if (entriesOf.every((entries) => entries === undefined)) return { items, ...noCarriers }
  const opening = new Opening(limits)
  const isList = items.length > 1
  for (const [index, item] of items.entries()) {
    if (opening.exceeds !== undefined) break
    const position = { index: isList ? index : undefined, path: '', messageId: undefined }
    opening.addOpened(item, entriesOf[index], position, 0)
  }
  return opening
}

const entriesIn = (item: unknown): readonly CarrierEntry[] | undefined =>
  isObject(item) ? openCarrier(item) : undefined

/** The items of one request while they are taken out of their carriers. */
class Opening implements OpenedCarriers {
  readonly items: OpenedItem[] = []
  readonly counts = new Map<CarrierName, number>()
  readonly confirmations: JsonObject[] = []
  readonly allowance: UnpackAllowance
  readonly maxItems: number

  constructor({ maxItems = Number.POSITIVE_INFINITY, unpacked = {} }: OpeningLimits) {
    this.maxItems = maxItems
    this.allowance = new UnpackAllowance(unpacked)
  }

  get exceeds(): OpenedCarriers['exceeds'] {
    if (this.allowance.isExceeded) return 'unpacked_bytes'
    return this.items.length > this.maxItems ? 'items' : undefined
  }

  /** `depth`: the number of carriers around the item. */
  addItem(item: unknown, position: Position, depth: number): void {
    this.addOpened(item, entriesIn(item), position, depth)
  }

  /** `entries`: those of the item, if it is a carrier. */
  addOpened(
    item: unknown,
    entries: readonly CarrierEntry[] | undefined,
    position: Position,
    depth: number,
  ): void {
    if (entries === undefined) this.items.push(new OpenedItem({ kind: 'item', item }, position))
    else if (depth === maxDepth) {
      const message = `is in more than ${maxDepth} carriers: send the event with fewer wrappers`
      this.items.push(new OpenedItem({ kind: 'invalid', message }, position))
    } else
      addAll(this, entries, position, (entry, at) => {
        const path = joinPaths(position.path, entry.path)
        const isOwn = entry.kind === 'message' && entry.mayBeOwnJson === true && isObject(item)
        const carrier = isOwn ? { item, path: position.path } : undefined
        this.addEntry(entry, { ...at, path, carrier }, depth + 1)
      })
  }

  addEntry(entry: CarrierEntry, position: Position, depth: number): void {
    switch (entry.kind) {
      case 'message':
        this.counts.set(entry.carrier, (this.counts.get(entry.carrier) ?? 0) + 1)
        this.addMessage(entry, position, depth)
        break
      case 'sns_confirmation':
        this.counts.set('sns', (this.counts.get('sns') ?? 0) + 1)
        this.confirmations.push(entry.confirmation)
        this.items.push(new OpenedItem({ kind: 'ignored' }, position))
        break
      default:
        this.items.push(new OpenedItem(entry, position))
    }
  }

  addMessage(message: CarriedMessage, position: Position, depth: number): void {
    const { carrier, id } = message
    // Without an id of its own, the message is a part of the one around it.
    const outer = position.messageId && `${position.messageId}/${message.path}`
    const messageId = id === undefined ? outer : JSON.stringify([carrier, id])
    const content = contentOf(message, this.allowance)
    const inside = { ...position, messageId }
    if (content.kind === 'invalid') this.items.push(new OpenedItem(content, inside))
    else if (!Array.isArray(content.value)) this.addItem(content.value, inside, depth)
    else
      addAll(this, content.value, { ...inside, carrier: undefined }, (item, at, index) => {
        const path = `${position.path}[${index}]`
        const json = unwrapJson(item)
        const value = json.kind === 'json' ? json.value : item
        this.addItem(value, { ...at, path, messageId: messageId && `${messageId}[${index}]` }, depth)
      })
  }
}

/**
 * Adds the elements of a list, which gives them their index if it is the outermost one. An empty list is ignored: the sender had
 * nothing to send. Stops when a limit is exceeded.
 */
function addAll<Element>(
  opening: Opening,
  list: readonly Element[],
  position: Position,
  add: (element: Element, at: Position, index: number) => void,
): void {
  if (list.length === 0) opening.items.push(new OpenedItem({ kind: 'ignored' }, position))
  for (const [index, element] of list.entries()) {
    if (opening.exceeds !== undefined) return
    const isOutermost = position.index === undefined && list.length > 1
    add(element, isOutermost ? { ...position, index } : position, index)
  }
}
