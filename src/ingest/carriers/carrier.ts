import type { JsonObject } from '../envelopes/envelope.ts'
import { sha256 } from '../identity.ts'

/** The carriers whose messages the service counts. */
export const carrierNames = [
  'api_gateway',
  'cloudwatch_logs',
  'event_grid',
  'firehose',
  'kinesis',
  'lambda_destination',
  'pubsub',
  'sns',
  'sqs',
] as const

export type CarrierName = (typeof carrierNames)[number]

/** One entry of a carrier, in the order of the carrier. `path`: the field in the carrier, such as `Records[1].body`. */
export type CarrierEntry =
  | CarriedMessage
  /** Valid, but never an event: a test message of the sender, or a record of another service. */
  | { readonly kind: 'ignored'; readonly path: string }
  /** SNS asks whether the service wants the messages of a topic. */
  | { readonly kind: 'sns_confirmation'; readonly path: string; readonly confirmation: JsonObject }
  | { readonly kind: 'invalid'; readonly path: string; readonly message: string }

export interface CarriedMessage {
  readonly kind: 'message'
  readonly carrier: CarrierName
  readonly path: string
  /** The message: a JSON value, JSON text, or either of them in base64. */
  readonly content: unknown
  /** The sender encodes `content` in base64, perhaps after gzip. */
  readonly base64?: boolean
  /** JSON of a sender's own may have the fields of this carrier. */
  readonly mayBeOwnJson?: true
  /** The id that the carrier gives the message. A redelivery has the same id. */
  readonly id?: string | undefined
}

/** The entries of an item that is this carrier; undefined if it is not. Pure; never throws. */
export type OpenCarrier = (item: JsonObject) => readonly CarrierEntry[] | undefined

/** The service that made a record, such as `aws:sqs`. Lambda writes `eventSource`, for SNS `EventSource`. */
export const recordSource = (record: JsonObject): string | undefined =>
  firstText(record.eventSource, record.EventSource)

/** The first of these that is a filled string. */
export const firstText = (...given: readonly unknown[]): string | undefined =>
  given.find((value): value is string => typeof value === 'string' && value !== '')

/** Longer than any id that a carrier gives. */
const maxIdLength = 512

/**
 * Replaces a very long id by its hash. Each event of a message hashes the id of the message, so a long one would cost its length once for
 * each event.
 */
export const limitedId = (id: string): string => (id.length > maxIdLength ? sha256(id) : id)

/** The id of a message: the first of these that is a filled string, limited in length. */
export function firstId(...given: readonly unknown[]): string | undefined {
  const id = firstText(...given)
  return id === undefined ? undefined : limitedId(id)
}
