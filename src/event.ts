/** The fields of one participant in an event. Absent: not in the event. */
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

/** A participant of a conversation, from the Genesys Cloud API. Times are epoch milliseconds. */
export interface ConversationParticipant extends Participant {
  readonly id: string
  readonly name?: string
  readonly connectedTime?: number
  readonly endTime?: number
}

export const eventTypes = ['conversation:created', 'conversation:updated'] as const
export type EventType = (typeof eventTypes)[number]

/** The position in a trace, as headers of W3C Trace Context carry it. */
export interface TraceContext {
  readonly traceparent: string
  readonly tracestate?: string
}

/**
 * One fact about a live conversation. All steps use this form, whatever the envelope was. Times are epoch milliseconds.
 */
export interface ConversationEvent {
  /** Two deliveries with the same identity are the same event (see ingest/identity.ts). */
  readonly identity: string
  readonly type: EventType
  /** The Genesys topic without prefix and ids: `customer.start`, `attributes`, `users.conversations.calls` … */
  readonly topic?: string
  /** The sender's id of the event. */
  readonly id?: string
  readonly conversationId: string
  readonly participantId?: string
  /** The time of the event, by the sender's clock. */
  readonly occurredAt?: number
  readonly mediaType?: string
  readonly direction?: string
  readonly queueId?: string
  readonly userId?: string
  /** Attributes in the event itself. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly participant: Participant
  /** The original item. */
  readonly body: unknown
  /** The span that stored the event; delivery continues its trace. Absent while tracing is off. */
  readonly trace?: TraceContext
}

/** The most that a sender's clock may run ahead before its time is ignored. */
const maxClockLeadMs = 5 * 60_000

/**
 * The time that decides which of two values is later. A time too far in the future counts as the time of acceptance, so that
 * a sender with a wrong clock cannot block a participant forever.
 */
export function effectiveTime(event: ConversationEvent, acceptedAt: number): number {
  const { occurredAt } = event
  return occurredAt === undefined || occurredAt > acceptedAt + maxClockLeadMs ? acceptedAt : occurredAt
}
