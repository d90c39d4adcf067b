/** What the event says of one participant. Absent means: the event does not say. */
export interface Participant {
  readonly purpose?: string
  readonly address?: string
  readonly ani?: string
  readonly dnis?: string
  readonly externalContactId?: string
  readonly externalId?: string
  readonly userId?: string
  readonly queueId?: string
  readonly attributes?: Readonly<Record<string, string>>
}

/** A participant of a conversation as Genesys Cloud tells it. Times are epoch milliseconds. */
export interface ConversationParticipant extends Participant {
  readonly id: string
  readonly name?: string
  readonly connectedTime?: number
  readonly endTime?: number
}

export const eventTypes = ['conversation:created', 'conversation:updated'] as const
export type EventType = (typeof eventTypes)[number]

/**
 * One fact about a live conversation, in the one shape every step speaks, whichever envelope it came in.
 * Times are epoch milliseconds.
 */
export interface ConversationEvent {
  /** What makes two deliveries the same event (see ingest/identity.ts). */
  readonly identity: string
  readonly type: EventType
  /** The Genesys topic without prefix and ids: `customer.start`, `attributes`, `users.conversations.calls` … */
  readonly topic?: string
  /** The id the sender gave the event. */
  readonly id?: string
  readonly conversationId: string
  readonly participantId?: string
  /** When it happened, by the sender's clock. */
  readonly occurredAt?: number
  readonly mediaType?: string
  readonly direction?: string
  readonly queueId?: string
  readonly userId?: string
  /** Attributes that the event itself reports. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly participant: Participant
  /** The original, untouched. */
  readonly body: unknown
}

/** How far a sender's clock may run ahead before it is no longer believed. */
const maxClockLeadMs = 5 * 60_000

/**
 * The time that decides which of two values is the later one. A sender whose clock is wrong must not be able
 * to block a participant for good, so a time too far ahead counts as the time of acceptance.
 */
export function effectiveTime(event: ConversationEvent, acceptedAt: number): number {
  const { occurredAt } = event
  return occurredAt === undefined || occurredAt > acceptedAt + maxClockLeadMs ? acceptedAt : occurredAt
}
