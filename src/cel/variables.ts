import { CandidateFields, EventFields, ParticipantFields } from './context.ts'

/** Where an expression is used: `event` in `when` and the values of a rule, `candidate` in `target`, `mapping` in a mapping. */
export type ExpressionScope = 'event' | 'candidate' | 'mapping'

export interface Shape {
  readonly ctor: new (...values: never[]) => object
  /** Field → CEL type. */
  readonly fields: Readonly<Record<string, string>>
}

const time = 'google.protobuf.Timestamp'

/** The types of the fields that are not text. */
const types: Readonly<Record<string, string>> = {
  occurredAt: time,
  connectedTime: time,
  endTime: time,
  connected: 'bool',
  ended: 'bool',
  attributes: 'map<string, string>',
  body: 'dyn',
}

const shapeOf = (ctor: Shape['ctor'], fields: readonly string[]): Shape => ({
  ctor,
  fields: Object.fromEntries(fields.map((name) => [name, types[name] ?? 'string'])),
})

const emptyEvent = {
  identity: '',
  type: 'conversation:updated',
  conversationId: '',
  participant: {},
  body: undefined,
} as const
const emptyCandidate = { id: '', connected: false, ended: false }

const eventVariables = {
  event: shapeOf(EventFields, [...Object.keys(new EventFields(emptyEvent)), 'body']),
  participant: shapeOf(ParticipantFields, Object.keys(new ParticipantFields({}))),
}

/** Variable → its type; undefined if it may have any shape. */
export type Variables = Readonly<Record<string, Shape | undefined>>

export const variablesOf: Readonly<Record<ExpressionScope, Variables>> = {
  event: eventVariables,
  candidate: {
    ...eventVariables,
    candidate: shapeOf(CandidateFields, Object.keys(new CandidateFields(emptyCandidate))),
  },
  mapping: { body: undefined },
}

/** Variable → its fields; undefined if the sender decides the fields. */
export type VariableFields = Readonly<Record<string, readonly string[] | undefined>>

export const fieldsOf = (variables: Variables): VariableFields =>
  Object.fromEntries(
    Object.entries(variables).map(([name, shape]) => [name, shape && Object.keys(shape.fields)]),
  )
