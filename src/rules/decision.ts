import type { ConversationParticipant } from '../event.ts'
import type { KnownValues } from '../inbox/inbox.ts'
import type { LookupNeed } from '../lookups/tables.ts'

/** What is known beside the event when it is decided. */
export interface EventFacts {
  /** The participants of the conversation, as Genesys Cloud told them; undefined: it was not asked. */
  readonly participants: readonly ConversationParticipant[] | undefined
  /** What the event's participant is known to have. */
  readonly known: KnownValues
  /** When the event counts as having happened (`effectiveTime`), epoch ms. */
  readonly at: number
}

/** Attributes to set on one participant, in the text form the API demands. */
export interface Change {
  /** `''`: the event names none. */
  readonly participantId: string
  readonly attributes: Readonly<Record<string, string>>
}

/** Data to fetch before the event can be decided. */
export type Need = { readonly kind: 'conversation' } | LookupNeed

/** What the rules decided for one event. */
export interface Decision {
  /** One entry per participant. */
  readonly changes: readonly Change[]
  /** Names of the rules that matched, in file order. */
  readonly matched: readonly string[]
  /** Rules that could not be decided, mostly since the event lacks a field they read; they count as no match. */
  readonly undecided: readonly { readonly rule: string; readonly code: string }[]
  /** Not empty: fetch these and decide again; `changes` are not to be used. */
  readonly needs: readonly Need[]
  /** Not empty: what these rules name is not there now (`participant_not_found`) or failed (`lookup_failed`); decide again later. */
  readonly blocked: readonly {
    readonly rule: string
    readonly code: 'participant_not_found' | 'lookup_failed'
  }[]
}
