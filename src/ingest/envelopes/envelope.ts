import type { ConversationEvent } from '../../event.ts'
import type { MapItem } from '../../rules/mappings/map-item.ts'
import { isUnfilledTemplate } from '../../values/normal-forms.ts'
import type { OddField, OddFields } from './odd-fields.ts'

/** A conversation event as its envelope describes it, before its identity is known. */
export interface DraftEvent extends Omit<ConversationEvent, 'identity'> {
  /** The id of the envelope, which a redelivery repeats. */
  readonly envelopeId?: string
  readonly sessionId?: string
  /** The customer has left: nothing is live any more. */
  readonly conversationEnded?: true
  /** Set where one envelope yields several events (a snapshot yields one per participant). */
  readonly part?: string
  /** A snapshot's words on the participant, as sent: if they equal those of the last snapshot, the event is a duplicate. */
  readonly said?: unknown
}

export interface FieldProblem {
  /** Dotted path from the item: `participant.id`, `eventBody.participants.1.id`. */
  readonly path: string
  readonly message: string
}

export type EnvelopeResult =
  | EventsRead
  /** Valid, but not about a conversation. */
  | { readonly kind: 'foreign'; readonly odd?: readonly OddField[] }
  | Refusal

export interface EventsRead {
  readonly kind: 'events'
  /** At least one. */
  readonly drafts: readonly DraftEvent[]
  /** Parts of the item that could not be read, each alone: participants of a snapshot. */
  readonly rejected: readonly FieldProblem[]
  readonly odd: readonly OddField[]
  /** The part of the item that a body hash covers. Default: the whole item. */
  readonly content?: JsonObject
}

export interface Refusal {
  readonly kind: 'invalid'
  readonly problems: readonly FieldProblem[]
}

export const foreign: EnvelopeResult = { kind: 'foreign' }

export const foreignWith = (odd: readonly OddField[]): EnvelopeResult =>
  odd.length === 0 ? foreign : { kind: 'foreign', odd }

export const refused = (path: string, message: string): Refusal => ({
  kind: 'invalid',
  problems: [{ path, message }],
})

/** Reads the conversation events in an item; `mapItem`: the mappings of the rules in force, if there are any. Pure; never throws. */
export type ReadItem = (item: unknown, mapItem?: MapItem | undefined) => EnvelopeResult

/** A notification on its way to the reader of its body. */
export interface NotificationContext {
  readonly eventBody: unknown
  /** The whole item, as the sender wrote it. */
  readonly item: JsonObject
  /** The item with this in the place of `eventBody`. */
  readonly withEventBody: (eventBody: JsonObject) => JsonObject
  /** Where the notification stands in the item: empty, or `detail.`. */
  readonly prefix: string
  readonly odd: OddFields
  readonly envelopeId?: string
  /** When the envelope says it happened, in epoch ms: snapshots carry no time of their own. */
  readonly occurredAt?: () => number | undefined
}

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where a value may be `undefined` its name may be missing. */
type Present<Fields> = {
  [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name]
} & {
  [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<Fields[Name], undefined>
}

/** Drops absent values, so that `exactOptionalPropertyTypes` and the rules' "missing" mean the same. */
export function present<const Fields extends object>(fields: Fields): Present<Fields> {
  const kept: Record<string, unknown> = {}
  // An array of entries would be most of the work of reading an event.
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name]
  return kept as Present<Fields>
}

/** What stands there, by its type and never by its value: `is missing`, `is a number`, `is text`. */
export function found(value: unknown): string {
  if (value === undefined) return 'is missing'
  if (value === null) return 'is null'
  if (value === '') return 'is empty'
  if (isUnfilledTemplate(value)) return 'is a template that was not filled in'
  if (typeof value === 'string') return 'is text'
  if (Array.isArray(value)) return 'is an array'
  return typeof value === 'object' ? 'is an object' : `is a ${typeof value}`
}
