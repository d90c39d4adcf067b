import type { ConversationEvent, Participant } from '../event.ts'
import { plainData } from './plain-data.ts'

/** What expressions see, built once per event. A type and not an interface, since it is handed on as a record. */
export type ExpressionContext = {
  readonly event: EventFields
  readonly participant: ParticipantFields
  /** Only where a rule chooses among the participants of the conversation. */
  readonly candidate?: CandidateFields
}

/** What the expressions of a mapping see: no event, since they make it. */
export type MappingContext = {
  readonly body: unknown
}

/** A participant of the conversation that a rule may choose. Times are epoch milliseconds. */
export interface Candidate extends Participant {
  readonly id: string
  readonly name?: string
  /** Whether it is connected at this moment. */
  readonly connected: boolean
  /** Whether it has left. */
  readonly ended: boolean
  readonly connectedTime?: number
  readonly endTime?: number
}

export const contextOf = (event: ConversationEvent): ExpressionContext => ({
  event: new EventFields(event),
  participant: new ParticipantFields(event.participant),
})

export const contextOfItem = (item: unknown): MappingContext => ({ body: plainData(item) })

/** The same event, seen from one candidate. */
export const withCandidate = (
  { event, participant }: ExpressionContext,
  candidate: Candidate,
): ExpressionContext => ({ event, participant, candidate: new CandidateFields(candidate) })

// Classes, since the library tells variables by their constructors, and would copy any other object for each expression.

export class ParticipantFields {
  readonly purpose: unknown
  readonly address: unknown
  readonly ani: unknown
  readonly dnis: unknown
  readonly externalContactId: unknown
  readonly externalId: unknown
  readonly userId: unknown
  readonly queueId: unknown
  readonly attributes: unknown

  constructor(participant: Participant) {
    this.purpose = participant.purpose
    this.address = participant.address
    this.ani = participant.ani
    this.dnis = participant.dnis
    this.externalContactId = participant.externalContactId
    this.externalId = participant.externalId
    this.userId = participant.userId
    this.queueId = participant.queueId
    this.attributes = plainTexts(participant.attributes)
  }
}

export class CandidateFields extends ParticipantFields {
  readonly id: unknown
  readonly name: unknown
  readonly connected: unknown
  readonly ended: unknown
  readonly connectedTime: unknown
  readonly endTime: unknown

  constructor(candidate: Candidate) {
    super(candidate)
    this.id = candidate.id
    this.name = candidate.name
    this.connected = candidate.connected
    this.ended = candidate.ended
    this.connectedTime = timeOf(candidate.connectedTime)
    this.endTime = timeOf(candidate.endTime)
  }
}

export class EventFields {
  readonly #original: ConversationEvent
  #body: { readonly plain: unknown } | undefined
  readonly type: unknown
  readonly topic: unknown
  readonly id: unknown
  readonly conversationId: unknown
  readonly participantId: unknown
  readonly occurredAt: unknown
  readonly mediaType: unknown
  readonly direction: unknown
  readonly queueId: unknown
  readonly userId: unknown
  readonly attributes: unknown

  constructor(event: ConversationEvent) {
    this.#original = event
    this.type = event.type
    this.topic = event.topic
    this.id = event.id
    this.conversationId = event.conversationId
    this.participantId = event.participantId
    this.occurredAt = timeOf(event.occurredAt)
    // An event that was stored by version 0.1 may still wait: it has these in upper case.
    this.mediaType = event.mediaType?.toLowerCase()
    this.direction = event.direction?.toLowerCase()
    this.queueId = event.queueId
    this.userId = event.userId
    this.attributes = plainTexts(event.attributes)
  }

  /** Looked through when the first rule reads it: it can be large, and most rules do not. */
  get body(): unknown {
    this.#body ??= { plain: plainData(this.#original.body) }
    return this.#body.plain
  }
}

const timeOf = (time: number | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time)

const plainTexts = (texts: Readonly<Record<string, string>> | undefined): unknown =>
  texts !== undefined && Object.hasOwn(texts, 'constructor') ? plainData(texts) : texts
