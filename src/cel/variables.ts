import { CandidateFields, EventFields, ParticipantFields } from './context.ts'

/** Where an expression stands: in the condition or values of a rule, where it chooses among the participants, or in a mapping. */
export type ExpressionScope = 'event' | 'candidate' | 'mapping'

export interface Variable {
  readonly name: string
  /** Absent: it may be of any shape. */
  readonly shape?: Shape
}

interface Shape {
  /** Of its values. */
  readonly ctor: new (
    ...values: never[]
  ) => object
  /** Types as the CEL library names them. */
  readonly fields: Readonly<Record<string, string>>
}

const text = 'string'
const texts = 'map<string, string>'
const time = 'google.protobuf.Timestamp'

const event: Shape = {
  ctor: EventFields,
  fields: {
    type: text,
    topic: text,
    id: text,
    conversationId: text,
    participantId: text,
    occurredAt: time,
    mediaType: text,
    direction: text,
    queueId: text,
    userId: text,
    attributes: texts,
    body: 'dyn',
  },
}

const participant: Shape = {
  ctor: ParticipantFields,
  fields: {
    purpose: text,
    address: text,
    ani: text,
    dnis: text,
    externalContactId: text,
    externalId: text,
    userId: text,
    queueId: text,
    attributes: texts,
  },
}

const candidate: Shape = {
  ctor: CandidateFields,
  fields: {
    ...participant.fields,
    id: text,
    name: text,
    connected: 'bool',
    ended: 'bool',
    connectedTime: time,
    endTime: time,
  },
}

const ofAnEvent: readonly Variable[] = [
  { name: 'event', shape: event },
  { name: 'participant', shape: participant },
]

export const variablesOf: Readonly<Record<ExpressionScope, readonly Variable[]>> = {
  event: ofAnEvent,
  candidate: [...ofAnEvent, { name: 'candidate', shape: candidate }],
  mapping: [{ name: 'body' }],
}

/** Variables with their fields; undefined: whatever the sender wrote. */
export type VariableFields = Readonly<Record<string, readonly string[] | undefined>>

export const fieldsOf = (variables: readonly Variable[]): VariableFields =>
  Object.fromEntries(variables.map(({ name, shape }) => [name, shape && Object.keys(shape.fields)]))
