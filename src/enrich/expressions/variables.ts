import { CandidateFields, EventFields, ParticipantFields } from './context.ts'

/** Where an expression stands: in the condition or values of a rule, or where it chooses among the participants. */
export type ExpressionScope = 'event' | 'candidate'

export interface Variable {
  readonly name: string
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

const event: Variable = {
  name: 'event',
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

const participant: Variable = {
  name: 'participant',
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

const candidate: Variable = {
  name: 'candidate',
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

export const variablesOf: Readonly<Record<ExpressionScope, readonly Variable[]>> = {
  event: [event, participant],
  candidate: [event, participant, candidate],
}

/** Variables with their fields. */
export type VariableFields = Readonly<Record<string, readonly string[]>>

export const fieldsOf = (variables: readonly Variable[]): VariableFields =>
  Object.fromEntries(variables.map(({ name, fields }) => [name, Object.keys(fields)]))
