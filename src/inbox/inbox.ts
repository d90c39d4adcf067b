import type { DeadLetterCode } from '../errors.ts'
import type { ConversationEvent } from '../event.ts'
import type {
  DeadLetter,
  DeadLetterCounts,
  DeadLetterMatch,
  DeadLetterQuery,
  DeadLetterSelection,
  DeliveryPause,
  EventHistory,
  EventPage,
  EventQuery,
  OutcomeRecord,
  RecordedEvent,
  UnchangedReason,
} from './history.ts'
import type { Durability } from './inbox-options.ts'
import type { Nodes } from './nodes.ts'

export * from './history.ts'
export * from './inbox-options.ts'
export * from './nodes.ts'

/** Lower is more urgent. */
export const priorities = { high: 0, normal: 1, low: 2 } as const
export type Priority = (typeof priorities)[keyof typeof priorities]

/** Identifies the unit of a claim: a participant, or the conversation if the event names no participant. */
export interface ParticipantKey {
  readonly conversationId: string
  /** `''` if the event names no participant. */
  readonly participantId: string
}

export interface NewEvent {
  readonly event: ConversationEvent
  readonly priority: Priority
}

export type AppendResult =
  /**
   * One result per event, in order. All accepted events are durable. `deadLetters`: identities of the duplicates that are
   * dead letters, if any; they are not delivered again.
   */
  | {
      readonly kind: 'appended'
      readonly results: readonly ('accepted' | 'duplicate')[]
      readonly deadLetters?: readonly string[]
    }
  /**
   * Too many events are pending; none of this append was stored. `neverFits`: the append has more new events than may ever be pending.
   */
  | { readonly kind: 'full'; readonly pending: number; readonly neverFits?: true }

/** An event without an outcome. */
export interface PendingEvent extends RecordedEvent {
  /** When an operator replayed it: its age counts from then. Absent: never. */
  readonly replayedAt?: number
}

/** The time from which the age of a pending event counts, epoch ms. */
export const ageStart = ({ acceptedAt, replayedAt }: PendingEvent): number => replayedAt ?? acceptedAt

/** An attribute value that the participant is known to have, and the event that decided it. */
export interface KnownValue {
  readonly value: string
  /** `effectiveTime` and `sequence` of the event that decided the value: later ones win. */
  readonly decidedAt: number
  readonly sequence: number
  /** When a PATCH of ours or a report in an event last confirmed the value. */
  readonly knownAt: number
}

/** By attribute name. */
export type KnownValues = ReadonlyMap<string, KnownValue>

/** Why delivery to a participant failed last, and how often in a row. */
export interface Failure {
  readonly code: string
  readonly attempts: number
}

/** The exclusive right to work on one participant until `settle` or the end of the lease. */
export interface Claim {
  readonly key: ParticipantKey
  readonly lease: string
  /** Pending events of the participant in order of acceptance, at most `maxEventsPerClaim`. */
  readonly events: readonly PendingEvent[]
  readonly known: KnownValues
  readonly failure: Failure | undefined
}

/** The final state of an event. Contains names, codes and ids, never attribute values. */
export interface Outcome {
  readonly sequence: number
  readonly state: 'applied' | 'unchanged' | 'dead'
  readonly code?: DeadLetterCode
  /** Genesys Cloud's message and correlation id, and what to check. */
  readonly detail?: string
  /** Only of `unchanged`. */
  readonly reason?: UnchangedReason
  readonly record?: OutcomeRecord
}

/** The events become claimable at `dueAt` (epoch ms of the inbox's `now`); the inbox records the failure. */
export interface Retry {
  readonly dueAt: number
  readonly failure: Failure
}

export interface Settlement {
  readonly outcomes: readonly Outcome[]
  /** Sequences of the events for which a call was made, whatever came of it. Each has one more attempt. */
  readonly attempted?: readonly number[]
  /** Values to store for the retention. A settlement with nothing else changes no event and no recorded retry. */
  readonly known?: KnownValues
  /** Defers events without an outcome. If absent, they are claimable at once and the recorded failure is cleared. */
  readonly retry?: Retry
}

export interface InboxStats {
  readonly pending: number
  /** Pending events that were replayed. They do not count towards `maxPending`. */
  readonly replayed: number
  readonly inFlight: number
  readonly dead: number
  /** When the oldest pending event that was not replayed was accepted, epoch ms. */
  readonly oldestAcceptedAt: number | undefined
  /** When the pending event that was replayed first was replayed, epoch ms. */
  readonly oldestReplayedAt: number | undefined
}

/** The time from which the age of the oldest pending event counts, as in `ageStart`. */
export function oldestAgeStart({
  oldestAcceptedAt,
  oldestReplayedAt,
}: Pick<InboxStats, 'oldestAcceptedAt' | 'oldestReplayedAt'>): number | undefined {
  const starts = [oldestAcceptedAt, oldestReplayedAt].filter((at) => at !== undefined)
  return starts.length === 0 ? undefined : Math.min(...starts)
}

/**
 * Stores every accepted event durably. An event is in one state: pending → applied | unchanged | dead; a replay makes a dead
 * one pending again.
 * Each method is atomic: it succeeds completely and durably, or the promise rejects and nothing changed.
 * Two claims never hold the same participant at the same time.
 */
export interface Inbox {
  /** Stores events with a new identity. The promise fulfils only when the events would survive a power cut. */
  append(events: readonly NewEvent[]): Promise<AppendResult>
  /**
   * Claims participants that are due and not claimed: by priority, then live conversations before ended ones, then
   * oldest first. Every few claims it takes the participant that has waited longest, so none starves. Participants with
   * only replayed events come after all others, and always wait for them.
   * Empty if no participant is claimable.
   */
  claim(request: { limit: number; leaseMs: number }): Promise<readonly Claim[]>
  /**
   * Leases one participant for an event of another one: returns a claim without events, to be settled like any
   * other. Undefined if the participant is leased already.
   */
  borrow(request: { key: ParticipantKey; leaseMs: number }): Promise<Claim | undefined>
  /** Records outcomes and known values, then releases the lease. `lease_lost`: the lease ended before; nothing changed. */
  settle(claim: Claim, settlement: Settlement): Promise<'settled' | 'lease_lost'>
  /** Marks conversations as ended: within a priority, `claim` takes live conversations first. */
  noteEnded(conversationIds: readonly string[]): Promise<void>
  /** When the next deferred participant becomes claimable (epoch ms); undefined if none is deferred. */
  nextDueAt(): Promise<number | undefined>
  /** Makes pending events accepted before that time dead (`expired`), except leased ones. Returns their number. */
  expire(request: { acceptedBefore: number; limit: number }): Promise<number>
  /** Deletes settled events, dead letters and known values from before that time. Returns the number of rows. */
  prune(request: { before: number; limit: number }): Promise<number>
  stats(): Promise<InboxStats>
  /** Newest first. With a conversation, the cost depends on its own events only, of which the last 10,000 are found. */
  events(query: EventQuery): Promise<EventPage>
  /** Undefined: not stored. `known`: values that its participant is known to have. */
  event(
    identity: string,
  ): Promise<{ readonly history: EventHistory; readonly known: KnownValues } | undefined>
  /** In order of acceptance. */
  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetter[]>
  /** Counts all dead letters that fit. Reads each of them, in steps that let other work continue. */
  countDeadLetters(match: DeadLetterMatch): Promise<DeadLetterCounts>
  /**
   * Makes dead letters pending again; returns their number. Works in small atomic steps, so that other calls continue
   * meanwhile: after a rejection or a crash, some letters are replayed and the others are still dead.
   */
  replay(selection: DeadLetterSelection): Promise<number>
  /** Deletes dead letters, in steps like `replay`. The same event is new again if a sender repeats it. */
  drop(selection: DeadLetterSelection): Promise<number>
  /** The pause that an operator set; undefined: none. */
  deliveryPause(): Promise<DeliveryPause | undefined>
  /** Stores the pause durably, or removes it. The inbox only keeps it: `claim` works meanwhile. */
  setDeliveryPause(pause: DeliveryPause | undefined): Promise<void>
  /** Resolves if a write would succeed now; rejects with the reason otherwise. Cheap while writes succeed. */
  checkWritable(): Promise<void>
  /** Calls the listener when participants may have become claimable. Returns a function that removes the listener. */
  onWork(listener: () => void): () => void
  /** Waits for writes in flight. Idempotent. */
  close(): Promise<void>
  /**
   * Absent: the inbox is open. Resolves when it is; until then, its other methods reject with `InboxUnavailableError`. Rejects with
   * `InboxOpenError` if opening it fails for good, and never settles if the inbox is closed before.
   */
  opened?(): Promise<void>
  /** The nodes that share the inbox. Absent: one process uses it, and delivers. */
  readonly nodes?: Nodes
  /** Absent, or undefined while it is not known: the engine flushes each commit to its disk. */
  durability?(): Durability | undefined
}

/** Most events in one claim, so that one participant's backlog cannot fill the memory. */
export const maxEventsPerClaim = 500
/** Most bytes of event JSON in one claim, approximately. A claim has at least one event, whatever its size. */
export const maxBytesPerClaim = 1_048_576
