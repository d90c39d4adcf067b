import type { ConversationEvent } from '../event.ts'

/** An event as it was accepted, in any state. */
export interface RecordedEvent {
  /** Order of acceptance across all participants; never reused. */
  readonly sequence: number
  /** Epoch ms. */
  readonly acceptedAt: number
  readonly event: ConversationEvent
}

export const eventStates = ['pending', 'applied', 'unchanged', 'dead'] as const
export type EventState = (typeof eventStates)[number]

/** Why an event is unchanged. The inbox stores these words with the event, so they are short. */
export const unchangedReasons = [
  'no_rule_matched',
  /** No rule matched, and at least one was undecided. */
  'rule_undecided',
  /** The participant is known to have the values. */
  'known_values',
  /** An event that occurred later decided or reported other values. */
  'later_event',
  'dry_run',
] as const
export type UnchangedReason = (typeof unchangedReasons)[number]

export interface ApiAnswer {
  /** HTTP status; absent if the API did not answer. */
  readonly status?: number
  /** Genesys Cloud's id of the call, for a support case. */
  readonly correlationId?: string
}

/** What the rules decided for an event, and how it was sent. Names and ids, never attribute values. */
export interface OutcomeRecord {
  /** The rules that matched. */
  readonly rules: readonly string[]
  /** The attributes that these rules set. */
  readonly attributeNames: readonly string[]
  /** The participant of the PATCH, if it is not that of the event. */
  readonly targetId?: string
  /** The event was part of the PATCH of this settlement: all such events of one settlement were merged into it. */
  readonly inPatch: boolean
  /** The answer to the call of this settlement. */
  readonly api?: ApiAnswer
}

/** The life of an event. Times are epoch ms. */
export interface EventHistory extends RecordedEvent {
  readonly state: EventState
  readonly settledAt: number | undefined
  /** When an operator replayed the dead letter last. */
  readonly replayedAt: number | undefined
  /** Calls made for the event. A 429 and a refused login do not count. */
  readonly attempts: number
  /** Of a dead letter, or of the last failure of a pending event. */
  readonly code: string | undefined
  readonly detail: string | undefined
  /** Of an unchanged event. Undefined also if an older version settled it. */
  readonly reason: UnchangedReason | undefined
  /** Of a pending event that waits after a failure. `dueAt`: the next attempt, if it is deferred. */
  readonly failedAt: number | undefined
  readonly dueAt: number | undefined
  readonly rules: readonly string[]
  readonly attributeNames: readonly string[]
  readonly targetId: string | undefined
  /** Identities of the other events in the same PATCH, at most `maxMergedWith`. */
  readonly mergedWith: readonly string[]
  readonly api: ApiAnswer | undefined
}

/** Most identities in `mergedWith`. */
export const maxMergedWith = 20

export interface EventQuery {
  readonly conversationId?: string
  readonly participantId?: string
  readonly state?: EventState
  /** Epoch ms: only events accepted at or after this time. */
  readonly since?: number
  readonly limit: number
  /** `next` of the previous page. */
  readonly before?: number
}

export interface EventPage {
  /** Newest first. May be shorter than the limit although `next` is present: one call reads a limited number of rows. */
  readonly items: readonly EventHistory[]
  /** Continue with `before`; undefined on the last page. */
  readonly next: number | undefined
}

/** An event that was given up. */
export interface DeadLetter extends EventHistory {
  readonly identity: string
  readonly code: string
  readonly diedAt: number
}

/** The dead letters that fit every given field. */
export interface DeadLetterMatch {
  readonly code?: string
  /** Name of a rule that matched. */
  readonly rule?: string
  /** Only letters of this conversation: of its last 10,000 events. */
  readonly conversationId?: string
  /** Epoch ms: only letters that died at or after this time. */
  readonly since?: number
}

export interface DeadLetterQuery extends DeadLetterMatch {
  readonly limit: number
  /** `sequence` of the last dead letter of the previous page. */
  readonly after?: number
}

/** How many dead letters fit a match, most frequent first. */
export interface DeadLetterCounts {
  readonly total: number
  readonly codes: readonly {
    readonly code: string
    readonly count: number
    /** The rules that matched. A letter counts for each of its rules. */
    readonly rules: readonly { readonly rule: string; readonly count: number }[]
  }[]
}

/** Dead letters to replay or drop. `identities`: those that are no dead letters are skipped. */
export type DeadLetterSelection =
  | { readonly identities: readonly string[] }
  | { readonly all: true }
  | DeadLetterMatch

/** An operator stopped delivery. */
export interface DeliveryPause {
  readonly reason?: string
  /** Epoch ms. */
  readonly since: number
}

export interface RecordedQuery {
  readonly limit: number
  /** Epoch ms: only events accepted at or after this time. */
  readonly since?: number
}
