import type { ConversationEvent } from '../../event.ts'
import type { MapItem } from '../../rules/mappings/map-item.ts'
import { isObject, readJsonText } from '../../values/json.ts'
import { isUnfilledTemplate } from '../../values/normal-forms.ts'
import type { OddField, OddFields } from './odd-fields.ts'

/** A conversation event as read from its envelope, before it gets an identity. */
export interface DraftEvent extends Omit<ConversationEvent, 'identity'> {
  /** The id of the envelope. A redelivery has the same id. */
  readonly envelopeId?: string
  readonly sessionId?: string
  /** The customer has left the conversation. */
  readonly conversationEnded?: true
  /** The participant id, if the envelope yields one event per participant (a snapshot). */
  readonly identityPart?: string
  /** The participant in a snapshot, as sent. If it equals the one in the last snapshot, the event is a duplicate. */
  readonly participantAsSent?: unknown
}

export interface FieldProblem {
  /** Dotted path from the item: `participant.id`, `eventBody.participants.1.id`. */
  readonly path: string
  readonly message: string
}

export type EnvelopeResult =
  | EventsRead
  /** Valid, but not about a conversation. */
  | { readonly kind: 'ignored'; readonly odd?: readonly OddField[] }
  | Refusal

export interface EventsRead {
  readonly kind: 'events'
  /** At least one. */
  readonly drafts: readonly DraftEvent[]
  /** Participants of a snapshot that could not be read. */
  readonly rejected: readonly FieldProblem[]
  readonly odd: readonly OddField[]
  /** The part of the item that a body hash covers. Default: the whole item. */
  readonly content?: JsonObject
}

export interface Refusal {
  readonly kind: 'invalid'
  readonly problems: readonly FieldProblem[]
}

export const ignored: EnvelopeResult = { kind: 'ignored' }

export const refused = (path: string, message: string): Refusal => ({
  kind: 'invalid',
  problems: [{ path, message }],
})

/** Reads the conversation events in an item. `mapItem` applies the mappings of the rules file, if it has any. Pure; never throws. */
export type ReadItem = (item: unknown, mapItem?: MapItem | undefined) => EnvelopeResult

/** A notification about a conversation, for the function that reads its body. */
export interface NotificationContext {
  readonly body: JsonObject
  /** The path of the body in the item: `eventBody` or `detail.eventBody`. */
  readonly path: string
  /** As the sender wrote it. */
  readonly item: JsonObject
  /** Returns the item with a different `eventBody`. */
  readonly withEventBody: (eventBody: JsonObject) => JsonObject
  /** The path of the notification in the item: empty, or `detail.`. */
  readonly prefix: string
  readonly odd: OddFields
  readonly envelopeId?: string
  /** The time in the envelope, in epoch ms. Snapshots have no time of their own. */
  readonly occurredAt?: () => number | undefined
}

export type JsonObject = Readonly<Record<string, unknown>>

/** Returns the object, also if it was sent as JSON text. */
export function objectOf(value: unknown): JsonObject | undefined {
  if (isObject(value)) return value
  if (typeof value !== 'string' || !/^[ \t\r\n]*\{/.test(value)) return undefined
  const json = readJsonText(value)
  return json.kind === 'json' && isObject(json.value) ? json.value : undefined
}

/** Many senders write `null` for a field without a value. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null

/** The path of a field in a part of an item. An empty path is the item or the part itself. */
export const joinPaths = (outer: string, inner: string): string =>
  outer === '' || inner === '' ? outer + inner : `${outer}.${inner}`

/** A problem as one text for the sender, the log or the terminal. */
export const formatProblem = ({ path, message }: FieldProblem): string => `${path} ${message}`.trim()

/** Whether an object has a field that only envelopes have. */
export const hasEnvelopeField = (item: JsonObject): boolean =>
  ['conversationId', 'topicName', 'detail-type', 'specversion'].some((name) => !isAbsent(item[name]))

/** Describes a value by its type, never by its content: `is missing`, `is a number`, `is text`. */
export function describeType(value: unknown): string {
  if (value === undefined) return 'is missing'
  if (value === null) return 'is null'
  if (value === '') return 'is empty'
  if (isUnfilledTemplate(value)) return 'is a template that was not filled in'
  if (typeof value === 'string') return 'is text'
  if (Array.isArray(value)) return 'is an array'
  return typeof value === 'object' ? 'is an object' : `is a ${typeof value}`
}
