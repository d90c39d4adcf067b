import type { FailureReason } from '../cel/expression-errors.ts'
import type { ConversationParticipant } from '../event.ts'
import type { KnownValues } from '../inbox/inbox.ts'
import type { LookupNeed } from '../lookups/tables.ts'

/** Facts about an event that the event itself does not carry. */
export interface EventFacts {
  /** The participants of the conversation from the API; undefined: not read. */
  readonly participants: readonly ConversationParticipant[] | undefined
  /** The known values of the event's participant. */
  readonly known: KnownValues
  /** The time of the event for comparisons (`effectiveTime`), epoch ms. */
  readonly at: number
}

/** Attributes to set on one participant. All values are strings, as the API requires. */
export interface Change {
  /** `''`: the event has no participant. */
  readonly participantId: string
  readonly attributes: Readonly<Record<string, string>>
}

/** Data to fetch before the rules can decide the event. */
export type Need = { readonly kind: 'conversation' } | LookupNeed

/** A rule whose condition or values failed to evaluate, with the fields that the first failed part lacked. */
export interface UndecidedRule extends FailureReason {
  readonly rule: string
}

/** The decision of the rules for one event. */
export interface Decision {
  /** One entry per participant. */
  readonly changes: readonly Change[]
  /** Names of the rules that matched, in file order. */
  readonly matched: readonly string[]
  /** Rules that failed to evaluate, usually because the event lacks a field. They count as no match. */
  readonly undecided: readonly UndecidedRule[]
  /** Not empty: discard `changes`, fetch these and decide again. */
  readonly needs: readonly Need[]
  /** Not empty: decide again later. No participant matches the target (`participant_not_found`), or a lookup failed. */
  readonly blocked: readonly {
    readonly rule: string
    readonly code: 'participant_not_found' | 'lookup_failed'
  }[]
}
