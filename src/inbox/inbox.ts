import type { DeadLetterCode } from '../errors.ts'
import type { ConversationEvent } from '../event.ts'

/** Lower is more urgent. */
export const priorities = { high: 0, normal: 1, low: 2 } as const
export type Priority = (typeof priorities)[keyof typeof priorities]

/** What work is claimed by: a participant, or a conversation where the event names no participant. */
export interface ParticipantKey {
  readonly conversationId: string
  /** `''` where the event names none. */
  readonly participantId: string
}

export interface NewEvent {
  readonly event: ConversationEvent
  readonly priority: Priority
}

export type AppendResult =
  /** One answer per event, in order. All accepted ones are durable. */
  | { readonly kind: 'appended'; readonly results: readonly ('accepted' | 'duplicate')[] }
  /** Too much is pending; nothing of this append was stored. */
  | { readonly kind: 'full'; readonly pending: number }

export interface PendingEvent {
  /** Order of acceptance, over all participants; never given twice. */
  readonly sequence: number
  readonly acceptedAt: number
  readonly event: ConversationEvent
}

/** A value that a participant is known to have, and the event that decided it. */
export interface KnownValue {
  readonly value: string
  /** `effectiveTime` and `sequence` of the event that decided the value: later ones win. */
  readonly decidedAt: number
  readonly sequence: number
  /** When the participant was last known to have it: by our own call, or by an event that reported it. */
  readonly knownAt: number
}

/** By attribute name. */
export type KnownValues = ReadonlyMap<string, KnownValue>

/** The last way the work of a participant failed, and how often in a row. */
export interface Failure {
  readonly code: string
  readonly attempts: number
}

/** The sole right to work on one participant until `settle` or the end of the lease. */
export interface Claim {
  readonly key: ParticipantKey
  readonly lease: string
  /** Pending events of the participant in order of acceptance, at most `maxEventsPerClaim`. */
  readonly events: readonly PendingEvent[]
  readonly known: KnownValues
  readonly failure: Failure | undefined
}

/** How an event leaves the inbox. Holds names, codes and ids, never attribute values. */
export interface Outcome {
  readonly sequence: number
  readonly state: 'applied' | 'unchanged' | 'dead'
  readonly code?: DeadLetterCode
  /** What Genesys said, with its correlation id; what to check. */
  readonly detail?: string
}

/** Pending from `dueAt` on (epoch ms, by the inbox's `now`), with this failure on record. */
export interface Retry {
  readonly dueAt: number
  readonly failure: Failure
}

export interface Settlement {
  readonly outcomes: readonly Outcome[]
  /** Values now known, to be remembered for the retention. Alone they leave events, and a retry on record, as they are. */
  readonly known?: KnownValues
  /** What events without an outcome wait for; claimable at once, and with no failure on record, if absent. */
  readonly retry?: Retry
}

export interface DeadLetter {
  readonly sequence: number
  readonly identity: string
  readonly code: string
  readonly detail: string | undefined
  readonly acceptedAt: number
  readonly diedAt: number
  readonly event: ConversationEvent
}

export interface DeadLetterQuery {
  readonly code?: string
  readonly limit: number
  /** `sequence` of the last one seen. */
  readonly after?: number
}

export interface InboxStats {
  readonly pending: number
  readonly inFlight: number
  readonly dead: number
  readonly oldestAcceptedAt: number | undefined
}

/**
 * The durable truth of the service. Every event is in one state: pending → applied | unchanged | dead.
 * Each method is atomic: it happens wholly and durably, or (the promise rejects) not at all.
 * Two claims never hold the same participant at the same time.
 */
export interface Inbox {
  /** Stores what is new by identity. The promise is fulfilled only when the events would survive a power cut. */
  append(events: readonly NewEvent[]): Promise<AppendResult>
  /**
   * Most urgent first; in a priority those of live conversations before those of ended ones; then oldest first; among
   * participants that are due and not claimed. Every so often the one that waits longest, so that none starves.
   * Empty: nothing is.
   */
  claim(request: { limit: number; leaseMs: number }): Promise<readonly Claim[]>
  /**
   * The right to work on one participant for an event of another: a claim without events, to be settled like any
   * other. Undefined: it is held.
   */
  borrow(request: { key: ParticipantKey; leaseMs: number }): Promise<Claim | undefined>
  /** Records outcomes and known values, then gives the lease back. `lease_lost`: another holds it now, nothing was changed. */
  settle(claim: Claim, settlement: Settlement): Promise<'settled' | 'lease_lost'>
  /** The conversations have ended: what waits for them is worth least now, and what is still live goes first. */
  noteEnded(conversationIds: readonly string[]): Promise<void>
  /** When the next participant becomes claimable that is not claimable now; undefined if none waits for a time. */
  nextDueAt(): Promise<number | undefined>
  /** Makes pending events dead (`expired`) that were accepted before, except those under a lease. Returns how many. */
  expire(request: { acceptedBefore: number; limit: number }): Promise<number>
  /** Forgets settled events, dead letters and known values from before. Returns how many rows. */
  prune(request: { before: number; limit: number }): Promise<number>
  stats(): Promise<InboxStats>
  /** In order of acceptance. */
  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetter[]>
  /** Resolves if a write would succeed now; rejects with the reason otherwise. Cheap while writes succeed. */
  checkWritable(): Promise<void>
  /** Tells when participants may have become claimable. Returns how to stop listening. */
  onWork(listener: () => void): () => void
  /** Waits for what is under way. Idempotent. */
  close(): Promise<void>
}

/** A claim hands over at most this many events, so that one participant's backlog cannot fill the memory. */
export const maxEventsPerClaim = 500
/** … and about this much of their text (but at least one event): a few large bodies fill it too. */
export const maxBytesPerClaim = 1_048_576

/** The inbox cannot be opened as it is; the message says what to do. */
export class InboxOpenError extends Error {
  override readonly name = 'InboxOpenError'
}

/** An event as it was accepted, whatever happened to it since. */
export interface RecordedEvent {
  readonly sequence: number
  /** Epoch ms. */
  readonly acceptedAt: number
  readonly event: ConversationEvent
}

export interface RecordedQuery {
  readonly limit: number
  /** Epoch ms: only events accepted since. */
  readonly since?: number
}
