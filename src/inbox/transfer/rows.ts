import type { EventState } from '../inbox.ts'

/** Each row has what an engine stores, in a form that all engines share. Times are epoch ms. */
export interface StoredEvent {
  readonly sequence: number
  readonly identity: string
  readonly priority: number
  readonly acceptedAt: number
  readonly replayedAt: number | null
  readonly state: EventState
  readonly settledAt: number | null
  /** Of a dead letter, its code; of an unchanged event, its reason. A replayed event keeps that of its last outcome. */
  readonly code: string | null
  readonly detail: string | null
  readonly attempts: number
  /** JSON: the names of the rules, and the names of the attributes that they set. */
  readonly decision: string | null
  /** Equal for the settled events that are in one PATCH: the lowest sequence among them. */
  readonly patch: number | null
  readonly status: number | null
  readonly correlationId: string | null
  readonly targetId: string | null
  /** Of a pending event: `firstSequence` of its participant. */
  readonly firstSequence: number | null
  /** JSON. */
  readonly event: string
}

/** A participant with pending events. */
export interface StoredParticipant {
  readonly conversationId: string
  readonly participantId: string
  readonly priority: number
  /** The sequence of one of its pending events. */
  readonly firstSequence: number
  readonly ended: boolean
  readonly dueAt: number | null
  readonly failedAt: number | null
  readonly failureCode: string | null
  readonly failureAttempts: number
}

export interface StoredValue {
  readonly conversationId: string
  readonly participantId: string
  readonly attribute: string
  readonly value: string
  readonly decidedAt: number
  readonly sequence: number
  readonly knownAt: number
}

export interface Rows {
  readonly participants: StoredParticipant
  readonly events: StoredEvent
  readonly knownValues: StoredValue
}

export type TableName = keyof Rows

/** In the order in which they are copied. */
export const tableNames = ['participants', 'events', 'knownValues'] as const satisfies readonly TableName[]

/** How many rows each table has. */
export type Counts = Readonly<Record<TableName, number>>
