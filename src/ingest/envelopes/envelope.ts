import type { z } from 'zod'
import type { MapItem } from '../../enrich/mappings/map-item.ts'
import type { ConversationEvent } from '../../event.ts'

/** A conversation event as its envelope tells it, before it is known what makes it unique. */
export interface DraftEvent extends Omit<ConversationEvent, 'identity'> {
  /** The id of the envelope, which a redelivery repeats. */
  readonly envelopeId?: string
  readonly sessionId?: string
  /** The event tells that the customer has left: nothing is live any more. */
  readonly conversationEnded?: true
  /** Set where one envelope yields several events (a snapshot yields one per participant). */
  readonly part?: string
  /** What a snapshot says of the participant, as sent: without a change since the last snapshot it is no news. */
  readonly said?: unknown
}

export interface FieldProblem {
  /** Dotted path from the event: `participant.attributes.tier`. */
  readonly path: string
  readonly message: string
}

export type EnvelopeResult =
  | { readonly kind: 'events'; readonly drafts: readonly DraftEvent[] }
  /** Valid, but nothing this product is for. */
  | { readonly kind: 'foreign' }
  | Refusal

export interface Refusal {
  readonly kind: 'invalid'
  readonly problems: readonly FieldProblem[]
}

export const foreign: EnvelopeResult = { kind: 'foreign' }

export const invalid = (error: z.ZodError): EnvelopeResult => ({
  kind: 'invalid',
  problems: error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
})

export const refused = (path: string, message: string): Refusal => ({
  kind: 'invalid',
  problems: [{ path, message }],
})

/** Reads the conversation events in an item; `mapItem`: as the rules in force map it, if they do. Pure; never throws. */
export type ReadItem = (item: unknown, mapItem?: MapItem | undefined) => EnvelopeResult

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
