import { isObject, unwrapJson } from '../../values/json.ts'
import { isCloudEvent } from '../envelopes/cloudevent.ts'
import {
  type EnvelopeResult,
  ignored,
  isAbsent,
  type JsonObject,
  type ReadItem,
  refused,
} from '../envelopes/envelope.ts'
import { readEnvelope } from '../envelopes/envelopes.ts'
import { sha256 } from '../identity.ts'
import { openApiGateway } from './api-gateway.ts'
import { openAwsRecords, openPipesRecord } from './aws-records.ts'
import type { CarriedMessage, CarrierEntry, CarrierName, OpenCarrier } from './carrier.ts'
import { openCloudwatchLogs } from './cloudwatch-logs.ts'
import { contentOf, type InflateAllowance } from './content.ts'
import { openBusEvent, openCloudEvent } from './event-around-carrier.ts'
import { openEventGrid } from './event-grid.ts'
import { openFirehose } from './firehose.ts'
import { openLambdaDestination } from './lambda-destination.ts'
import { openPubsub } from './pubsub.ts'
import { openSns } from './sns.ts'

/** EventBridge → SNS → SQS → Lambda → its destination is the longest chain in use. */
export const maxDepth = 4

/** The most bytes to which the compressed messages of one request may expand. */
export const maxInflatedBytes = 8_388_608

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
 * field that no carrier has, so they cost little and are never mistaken for a carrier, whatever other fields they have.
 */
export function openCarrier(item: JsonObject): readonly CarrierEntry[] | undefined {
  if (!isAbsent(item.conversationId) || !isAbsent(item.topicName)) return undefined
  const isOnBus = !isAbsent(item['detail-type'])
  if (isCloudEvent(item)) return isOnBus ? undefined : openCloudEvent(item, openCarrier)
  if (isOnBus) return openBusEvent(item, openCarrier)
  for (const open of openers) {
    const entries = open(item)
    if (entries !== undefined) return entries
  }
  return undefined
}

type CarriedContent =
  | { readonly kind: 'item'; readonly item: unknown }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'invalid'; readonly message: string }

/** An item of a request whose items include carriers. */
export class CarriedItem {
  readonly content: CarriedContent
  /** The position in the outermost list: the array of the body, or the list in its only carrier. */
  readonly index: number
  /** Where the item was: `Records[1].body`. Empty: not in a carrier. */
  readonly path: string
  /** Identifies the message in which the innermost carrier with an id brought the item. */
  readonly messageId: string | undefined

  constructor(content: CarriedContent, { index = 0, path, messageId }: Position) {
    this.content = content
    this.index = index
    this.path = path
    this.messageId = messageId && sha256(messageId)
  }

  /** Undefined if there is none to read. */
  get item(): unknown {
    return this.content.kind === 'item' ? this.content.item : undefined
  }
}

interface Position {
  /** Undefined until the first list. */
  readonly index: number | undefined
  readonly path: string
  readonly messageId: string | undefined
}

export interface OpenedCarriers {
  /** If an item is a carrier: `CarriedItem` only. Otherwise the items as they were. */
  readonly items: readonly unknown[]
  /** The messages taken out of each carrier. */
  readonly counts: ReadonlyMap<CarrierName, number>
  /** SNS messages that ask to confirm a subscription. */
  readonly confirmations: readonly JsonObject[]
  /** There are more than `maxItems`; `items` has only some of them. */
  readonly isTooMany: boolean
}

const noCarriers = { counts: new Map(), confirmations: [], isTooMany: false } as const

/** Takes the items of a request out of their carriers, also nested ones. A message that cannot be read is one invalid item. Pure; never throws. */
export function openCarriers(items: readonly unknown[], maxItems = Number.POSITIVE_INFINITY): OpenedCarriers {
  if (!items.some((item) => isObject(item) && openCarrier(item) !== undefined))
    return { items, ...noCarriers }
  const opening = new Opening(maxItems)
  const isList = items.length > 1
  for (const [index, item] of items.entries())
    opening.addItem(item, { index: isList ? index : undefined, path: '', messageId: undefined }, 0)
  return opening
}

/** Reads an item that was taken out of a carrier. `read` is for items that were in none. Problems have the path in the body. */
export function readCarried({ content, path }: CarriedItem, read: ReadItem): ReadItem {
  return (_, mapItem): EnvelopeResult => {
    if (content.kind === 'ignored') return ignored
    if (content.kind === 'invalid') return refused(path, content.message)
    if (path === '') return read(content.item, mapItem)
    const result = readEnvelope(content.item, mapItem)
    const underPath = <Problem extends { readonly path: string }>(problem: Problem): Problem => ({
      ...problem,
      path: problem.path === '' ? path : `${path}.${problem.path}`,
    })
    if (result.kind === 'invalid') return { ...result, problems: result.problems.map(underPath) }
    return result.kind === 'events' ? { ...result, rejected: result.rejected.map(underPath) } : result
  }
}

/** The items of one request while they are taken out of their carriers. */
class Opening implements OpenedCarriers {
  readonly items: CarriedItem[] = []
  readonly counts = new Map<CarrierName, number>()
  readonly confirmations: JsonObject[] = []
  readonly allowance: InflateAllowance = { bytes: maxInflatedBytes }
  readonly maxItems: number

  constructor(maxItems: number) {
    this.maxItems = maxItems
  }

  get isTooMany(): boolean {
    return this.items.length > this.maxItems
  }

  /** `depth`: the number of carriers around the item. */
  addItem(item: unknown, position: Position, depth: number): void {
    const entries = isObject(item) ? openCarrier(item) : undefined
    if (entries === undefined) this.items.push(new CarriedItem({ kind: 'item', item }, position))
    else if (depth === maxDepth) {
      const message = `is in more than ${maxDepth} carriers: send the event with fewer wrappers`
      this.items.push(new CarriedItem({ kind: 'invalid', message }, position))
    } else
      addAll(this, entries, position, (entry, at) => {
        this.addEntry(entry, { ...at, path: joined(position.path, entry.path) }, depth + 1)
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
        this.items.push(new CarriedItem({ kind: 'ignored' }, position))
        break
      default:
        this.items.push(new CarriedItem(entry, position))
    }
  }

  addMessage(message: CarriedMessage, position: Position, depth: number): void {
    const { carrier, id } = message
    // Without an id of its own, the message is a part of the one around it.
    const outer = position.messageId && `${position.messageId}/${message.path}`
    const messageId = id === undefined ? outer : JSON.stringify([carrier, id])
    const content = contentOf(message, this.allowance)
    const inside = { ...position, messageId }
    if (content.kind === 'invalid') this.items.push(new CarriedItem(content, inside))
    else if (!Array.isArray(content.value)) this.addItem(content.value, inside, depth)
    else
      addAll(this, content.value, inside, (item, at, index) => {
        const path = `${position.path}[${index}]`
        const json = unwrapJson(item)
        const value = json.kind === 'json' ? json.value : item
        this.addItem(value, { ...at, path, messageId: messageId && `${messageId}[${index}]` }, depth)
      })
  }
}

/**
 * Adds the elements of a list, which gives them their index if it is the outermost one. An empty list is ignored: the sender had
 * nothing to send. Stops when there are too many items.
 */
function addAll<Element>(
  opening: Opening,
  list: readonly Element[],
  position: Position,
  add: (element: Element, at: Position, index: number) => void,
): void {
  if (list.length === 0) opening.items.push(new CarriedItem({ kind: 'ignored' }, position))
  for (const [index, element] of list.entries()) {
    if (opening.isTooMany) return
    const isOutermost = position.index === undefined && list.length > 1
    add(element, isOutermost ? { ...position, index } : position, index)
  }
}

const joined = (path: string, below: string): string =>
  path === '' || below === '' ? path + below : `${path}.${below}`
