import fc from 'fast-check'
import { type ConversationEvent, type ConversationParticipant, eventTypes } from '../../src/event.ts'
import type { EventFacts } from '../../src/rules/decision.ts'
import { conversationEvent } from './events.ts'

export interface Case {
  readonly event: ConversationEvent
  readonly facts: EventFacts
}

const customer: ConversationParticipant = {
  id: 'participant-1',
  purpose: 'customer',
  address: 'tel:+13175550100',
  ani: '030 12345678',
  externalId: 'e',
  userId: 'u',
  connectedTime: 1_770_113_700_000,
}
/** All rules of hostile-rules.ts match it. */
export const friendly: Case = {
  event: conversationEvent({
    topic: 'customer.start',
    id: 'event-1',
    occurredAt: 1_770_113_700_000,
    mediaType: 'voice',
    direction: 'inbound',
    queueId: 'q',
    userId: 'u',
    attributes: { tier: 'gold' },
    participant: { ...customer, attributes: { tier: 'gold' } },
    body: {
      text: 'here',
      number: 1.5,
      digits: '42',
      flag: 'true',
      when: '2026-01-31T09:30:00Z',
      list: ['a', 'bb', 'cé'],
      map: { a: 'x', b: 'y' },
      same: { b: 'y', a: 'x' },
    },
  }),
  facts: {
    participants: [
      customer,
      {
        id: 'agent-1',
        name: 'Ann',
        purpose: 'agent',
        address: 'tel:+1',
        connectedTime: 1,
        attributes: { tier: 'x' },
      },
      { id: 'agent-0', purpose: 'agent', connectedTime: 1, endTime: 2 },
    ],
    known: new Map(),
    at: 0,
  },
}

const nastyTexts = [
  ...['', ' ', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a', 'tier', 'x', 'here'],
  ...['\ud800', '\udfff\ud83d', 'e\u0301\u0000', 'ǅß', '${event.id}', '\\', '"', "'", '\r\n', '../..'],
  ...['NaN', '-0', '1e999', '0x10', '9'.repeat(400), '9223372036854775807', 'true', '1.5'],
  ...['tel:+13175550100', 'tel:+1;ext=5', 'sip:%2b493012345678@x', '+', '00493012345678'],
  ...['2026-01-31T09:30:00Z', '0000-01-01T00:00:00Z', '10000-01-01T00:00:00Z', '2026-02-30T25:61:61+99:99'],
  ...['e'.repeat(5_000), 'ab'.repeat(40_000), '\udc00'.repeat(300)],
]
const codeUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code))
const text = fc.oneof(fc.constantFrom(...nastyTexts), fc.string(), fc.string({ unit: codeUnit }))
/** Values that JSON.parse returns: `1e999` is infinite. */
const number = fc.oneof(
  fc.constantFrom(0, -0, 1.5, 2 ** 53, 1e308, -1e308, Number.POSITIVE_INFINITY, 5e-324),
  fc.double({ noNaN: true }),
  fc.integer(),
)

/** Like JSON.parse: `__proto__` becomes an own property. */
const objectOf = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.array(fc.tuple(text, values), { maxLength: 5 }).map((entries) => Object.fromEntries(entries))

const nest = (value: unknown, levels: number, inList: boolean): unknown =>
  levels === 0 ? value : nest(inList ? [value] : { a: value }, levels - 1, inList)

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 5 }),
    objectOf(tie('value')),
    fc
      .tuple(tie('value'), fc.constantFrom(1, 98, 99, 100, 101, 5_000), fc.boolean())
      .map((nesting) => nest(...nesting)),
  ),
})).value

const absent = fc.constant(undefined)
/** Mostly the expected value, else another one. */
const usually = <T>(arbitrary: fc.Arbitrary<T>, otherwise: fc.Arbitrary<unknown> = absent) =>
  fc.oneof({ weight: 3, arbitrary }, { weight: 1, arbitrary: otherwise })

/** A record without its undefined fields. */
const some = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc
    .record(fields)
    .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)))

const attributes = fc.oneof(objectOf(text), fc.record({ tier: text, a: text }))
const participantFields = {
  purpose: usually(fc.constantFrom('customer', 'agent'), text),
  address: usually(fc.constant('tel:+13175550100'), text),
  ani: usually(text),
  dnis: usually(text),
  externalId: usually(text),
  userId: usually(text),
  attributes: usually(attributes),
}
const time = usually(
  fc.oneof(
    fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
    fc.constantFrom(0, 8.64e15, 8.64e15 + 1),
  ),
)
const participant = some({ ...participantFields, name: usually(text), connectedTime: time, endTime: time })
const id = fc.constantFrom('participant-1', 'agent-1', 'agent-2', 'agent-22', '__proto__')
const participants = fc.array(
  fc.tuple(participant, id).map(([fields, id]) => ({ ...fields, id })),
  { maxLength: 4 },
) as fc.Arbitrary<ConversationParticipant[]>

/** A participant of a snapshot. */
const writtenParticipant = some({
  ...participantFields,
  id: usually(id, json),
  purpose: usually(participantFields.purpose, json),
  attributes: usually(attributes, objectOf(json)),
  connectedTime: usually(fc.constantFrom('2026-02-03T10:15:00Z', '2026-02-30T99:99'), json),
  endTime: usually(absent, json),
  user: usually(absent, json),
})

const body = fc.oneof(
  { weight: 1, arbitrary: json },
  {
    weight: 6,
    arbitrary: some({
      text: usually(text, json),
      number: usually(number, json),
      digits: usually(fc.oneof(fc.integer().map(String), text), json),
      flag: usually(fc.constantFrom('true', 'false', true), json),
      when: usually(fc.constant('2026-01-31T09:30:00Z'), text),
      list: usually(fc.array(fc.constantFrom('a', 'bb', 'ccc', 'z')), json),
      map: usually(objectOf(text), json),
      same: json,
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(json, fc.array(writtenParticipant))
      .map((list) => ({ detail: { eventBody: { participants: list } } })),
  },
)

const knownValue = fc.record({
  value: text,
  decidedAt: fc.constant(0),
  sequence: fc.constant(0),
  knownAt: fc.nat(10),
})

/** Events of hostile senders and callers, with possible participants from Genesys Cloud. */
export const anyCase = fc
  .record({
    event: some({
      type: fc.constantFrom(...eventTypes),
      topic: usually(fc.constantFrom('customer.start', 'user.start'), text),
      id: usually(text),
      participantId: usually(id),
      occurredAt: time,
      mediaType: usually(text),
      direction: usually(text),
      queueId: usually(text),
      userId: usually(text),
      attributes: usually(attributes),
      participant: some(participantFields),
      body,
    }),
    participants: fc.option(participants, { nil: undefined }),
    known: fc.array(fc.tuple(text, knownValue), { maxLength: 3 }),
    at: fc.nat(10),
  })
  .map(
    ({ event, participants, known, at }): Case => ({
      event: { ...conversationEvent(), ...event },
      facts: { participants, known: new Map(known), at },
    }),
  )
