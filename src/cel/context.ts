import type { ConversationEvent, ConversationParticipant, Participant } from '../event.ts'
import { readableData } from './readable-data.ts'

/** The variables of an expression, built once per event. A type, not an interface: callers pass it as a record. */
export type ExpressionContext = {
  readonly event: EventFields
  readonly participant: ParticipantFields
  /** Only in a `target`, which selects a participant of the conversation. */
  readonly candidate?: CandidateFields
}

/** The variables of a mapping expression. There is no event: the mapping creates it. */
export type MappingContext = {
  readonly body: unknown
}

/** A participant of the conversation that a `target` may select. */
export interface Candidate extends ConversationParticipant {
  /** Takes part now. Neither `connected` nor `ended`: has not joined yet. */
  readonly connected: boolean
  /** Has left the conversation. */
  readonly ended: boolean
}

export const contextOf = (event: ConversationEvent): ExpressionContext => ({
  event: new EventFields(event),
  participant: new ParticipantFields(event.participant),
})

export const mappingContextOf = (item: unknown): MappingContext => ({ body: readableData(item) })

/**
 * The context with the variable `candidate` added. The prototype chain keeps the other variables lazy: a copy would evaluate
 * every name of `let`.
 */
export const withCandidate = (context: ExpressionContext, candidate: Candidate): ExpressionContext =>
  Object.assign(Object.create(context), { candidate: new CandidateFields(candidate) })

// Classes: the CEL library finds the type of a variable by its constructor, and copies any other object for each expression.
// Their fields are `unknown`, because only that library reads them; variables.ts has their CEL types.

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
    this.attributes = readableAttributes(participant.attributes)
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
    this.connectedTime = timestampOf(candidate.connectedTime)
    this.endTime = timestampOf(candidate.endTime)
  }
}

export class EventFields {
  readonly #original: ConversationEvent
  #body: { readonly readable: unknown } | undefined
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
    this.occurredAt = timestampOf(event.occurredAt)
    // Release 0.1.0 stored these in upper case; an inbox from then may hold pending ones.
    this.mediaType = event.mediaType?.toLowerCase()
    this.direction = event.direction?.toLowerCase()
    this.queueId = event.queueId
    this.userId = event.userId
    this.attributes = readableAttributes(event.attributes)
  }

  /** Made readable when it is first read: the body can be large, and most rules do not read it. */
  get body(): unknown {
    this.#body ??= { readable: readableData(this.#original.body) }
    return this.#body.readable
  }
}

const timestampOf = (time: number | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time)

const readableAttributes = (attributes: Readonly<Record<string, string>> | undefined): unknown =>
  attributes !== undefined && Object.hasOwn(attributes, 'constructor') ? readableData(attributes) : attributes
