import type { ConversationEvent, Participant } from '../event.ts'

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

/** A participant of the conversation that a `target` may select. Times are epoch milliseconds. */
export interface Candidate extends Participant {
  readonly id: string
  readonly name?: string
  readonly connected: boolean
  readonly ended: boolean
  readonly connectedTime?: number
  readonly endTime?: number
}

export const contextOf = (event: ConversationEvent): ExpressionContext => ({
  event: new EventFields(event),
  participant: new ParticipantFields(event.participant),
})

export const contextOfItem = (item: unknown): MappingContext => ({ body: plainData(item) })

/** The context has these variables too. It inherits the others, so that names of `let` are evaluated only if they are read. */
export const withCandidate = (context: ExpressionContext, candidate: Candidate): ExpressionContext =>
  Object.assign(Object.create(context), { candidate: new CandidateFields(candidate) })

// Classes: the CEL library finds the type of a variable by its constructor, and copies any other object for each expression.

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
    this.attributes = plainAttributes(participant.attributes)
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
    // Version 0.1 stored these in upper case, and such an event may still be pending.
    this.mediaType = event.mediaType?.toLowerCase()
    this.direction = event.direction?.toLowerCase()
    this.queueId = event.queueId
    this.userId = event.userId
    this.attributes = plainAttributes(event.attributes)
  }

  /** Checked on the first read: the body can be large, and most rules do not read it. */
  get body(): unknown {
    this.#body ??= { plain: plainData(this.#original.body) }
    return this.#body.plain
  }
}

const timeOf = (time: number | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time)

const plainAttributes = (attributes: Readonly<Record<string, string>> | undefined): unknown =>
  attributes !== undefined && Object.hasOwn(attributes, 'constructor') ? plainData(attributes) : attributes

/** More levels than an expression can read, and few enough for recursion. */
export const maxDataDepth = 100

/**
 * JSON data that the CEL library can read. The library reads the `constructor` of a value to find its type, so it cannot read
 * an object with a key of that name: data with such a key is copied, with Maps in place of objects. Values below 100 levels
 * are removed. All other data is returned unchanged.
 */
export function plainData(data: unknown): unknown {
  return isPlain(data, 0) ? data : copy(data, 0)
}

function isPlain(data: unknown, depth: number): boolean {
  if (typeof data !== 'object' || data === null) return true
  if (depth === maxDataDepth) return false
  if (Array.isArray(data))
    return data.every((element) => typeof element !== 'object' || isPlain(element, depth + 1))
  // Object.values takes seven times as long.
  for (const key in data) {
    if (key === 'constructor') return false
    const value: unknown = data[key as keyof typeof data]
    if (typeof value === 'object' && !isPlain(value, depth + 1)) return false
  }
  return true
}

function copy(data: unknown, depth: number): unknown {
  if (typeof data !== 'object' || data === null) return data
  if (depth === maxDataDepth) return undefined
  if (Array.isArray(data)) return data.map((element) => copy(element, depth + 1) ?? null)
  return new Map(Object.entries(data).map(([key, value]) => [key, copy(value, depth + 1)]))
}
