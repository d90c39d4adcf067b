import { CandidateFields, EventFields, ParticipantFields } from './context.ts'

/** Where an expression is used: `event` in `when` and the values of a rule, `candidate` in `target`, `mapping` in a mapping. */
export type ExpressionScope = 'event' | 'candidate' | 'mapping'

export interface Variable {
  readonly name: string
  /** Absent: the variable may have any shape. */
  readonly shape?: Shape
}

interface Shape {
  /** The class of its values. */
  readonly ctor: new (
    ...values: never[]
  ) => object
  /** Field → CEL type. */
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

const eventVariables: readonly Variable[] = [
  { name: 'event', shape: event },
  { name: 'participant', shape: participant },
]

export const variablesOf: Readonly<Record<ExpressionScope, readonly Variable[]>> = {
  event: eventVariables,
  candidate: [...eventVariables, { name: 'candidate', shape: candidate }],
  mapping: [{ name: 'body' }],
}

/** Variable → its fields; undefined if the sender decides the fields. */
export type VariableFields = Readonly<Record<string, readonly string[] | undefined>>

export const fieldsOf = (variables: readonly Variable[]): VariableFields =>
  Object.fromEntries(variables.map(({ name, shape }) => [name, shape && Object.keys(shape.fields)]))
