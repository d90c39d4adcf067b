import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Environment } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import {
  type Candidate,
  contextOf,
  type ExpressionContext,
  withCandidate,
} from '../../../../src/enrich/expressions/context.ts'
import { failureCode } from '../../../../src/enrich/expressions/expressions.ts'
import { withShortcut } from '../../../../src/enrich/expressions/shortcuts/shortcuts.ts'
import type { ExpressionScope } from '../../../../src/enrich/expressions/variables.ts'
import { conversationEvent } from '../../../helpers/events.ts'
import { compiled } from '../../../helpers/expressions.ts'

const facts = { lookup: () => undefined }
const empty = contextOf(conversationEvent({ participant: {} }))
const full = contextOf(
  conversationEvent({
    topic: 'customer.start',
    queueId: 'q',
    attributes: { tier: 'gold' },
    participant: { purpose: 'customer', address: 'tel:+1', attributes: { tier: 'gold' } },
  }),
)

/** What is said without the library: the answer, the code of a failure, or that the library was asked. */
function shortcutOf(source: string, context: ExpressionContext): unknown {
  const environment = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true })
  try {
    return withShortcut(environment.parse(source).ast, () => 'asks the library')(context, facts)
  } catch (error) {
    return failureCode(error)
  }
}

for (const [source, expected, withoutData] of [
  ['participant.purpose == "customer"', true, 'no_such_key'],
  ['"agent" != participant["purpose"]', true, 'no_such_key'],
  ['participant.purpose == "customer" && participant.address.startsWith("tel:")', true, 'no_such_key'],
  ['event.type == "x" && event.queueId == "q"', false, false],
  ['event.queueId == "q" || event.type == "conversation:created"', true, true],
  ['!(event.queueId == "q")', false, 'no_such_key'],
  [
    'participant.attributes.tier.endsWith("old") && event.attributes["tier"].contains("o")',
    true,
    'no_such_key',
  ],
  ['participant.purpose in ["agent", "customer"]', true, 'no_such_key'],
  ['"tier" in event.attributes', true, 'no_such_key'],
  ['has(event.queueId)', true, false],
  ['has(event.attributes)', true, false],
  ['has(event.attributes.none)', false, 'no_such_key'],
  ['default(event.userId, default(event.queueId, "nobody")) == "q"', true, false],
  ['event.conversationId', 'conversation-1', 'conversation-1'],
  ['default(event.queueId, "nobody")', 'q', 'nobody'],
  ['true', true, true],
] as const)
  test(`${source} needs no library`, () => {
    assert.equal(shortcutOf(source, full), expected)
    assert.equal(shortcutOf(source, empty), withoutData)
  })

for (const source of [
  'event.body.x == "y"',
  'event.?queueId.orValue("q") == "q"',
  'event.occurredAt > timestamp("2026-01-01T00:00:00Z")',
  'has(event.body)',
  'size(event.conversationId) > 1',
  'cel.bind(event, {"queueId": "other"}, event.queueId == "q")',
  '["a"].exists(participant, participant == "a")',
  'event[event.id] == "x"',
  '1 == 1',
  'event.type == "x" || event.body.x == "y"',
])
  test(`${source} is left to the library`, () => assert.equal(shortcutOf(source, full), 'asks the library'))

test('what decides by itself needs no library, whatever the other side is', () => {
  assert.equal(shortcutOf('event.type == "x" && event.body.x == "y"', full), false)
  assert.equal(shortcutOf('has(event.queueId) || event.body.x == "y"', full), true)
})

const names = ['customer', 'agent', 'tel:+1', 'tel', '', 'constructor', 'toString', 'q']
const field = fc.constantFrom(
  ...['event.type', 'event.topic', 'event.queueId', 'participant.purpose', 'participant["address"]'],
  ...['participant.attributes.tier', 'event.attributes["a b"]', 'participant.attributes.constructor'],
  ...['candidate.id', 'candidate.purpose', 'candidate.attributes.tier', 'event.attributes.toString'],
)
const quoted = fc.constantFrom(...names).map((name) => JSON.stringify(name))
const leaf = fc.oneof({ weight: 3, arbitrary: field }, { weight: 2, arbitrary: quoted })
const text = fc.oneof(
  { weight: 6, arbitrary: leaf },
  { weight: 1, arbitrary: fc.tuple(field, leaf).map(([value, other]) => `default(${value}, ${other})`) },
  // No shortcut: these and what holds them have to be asked for.
  { weight: 1, arbitrary: leaf.map((value) => `${value}.lower()`) },
)
const map = fc.constantFrom('event.attributes', 'participant.attributes', 'candidate.attributes')
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, depthSize: 'large' },
    fc.tuple(text, fc.constantFrom('==', '!='), text).map((parts) => parts.join(' ')),
    fc
      .tuple(field, fc.constantFrom('startsWith', 'endsWith', 'contains'), quoted)
      .map(([of, search, sought]) => `${of}.${search}(${sought})`),
    fc.tuple(text, fc.array(quoted)).map(([of, list]) => `${of} in [${list.join(', ')}]`),
    fc.tuple(text, map).map((parts) => parts.join(' in ')),
    field.filter((path) => !path.includes('[')).map((path) => `has(${path})`),
    map.map((path) => `has(${path})`),
    fc.constantFrom('candidate.connected', 'candidate.ended', 'true', 'false', 'event.body.a == 1'),
    tie('condition').map((inner) => `!(${inner})`),
    fc
      .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
      .map(([one, operator, other]) => `(${one}) ${operator} (${other})`),
  ),
}))

/** Missing, of the declared type, or of another that no reader of events lets through. */
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...names) },
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 5, true, ['a'], { a: 'b' }) },
)
const attributes = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(fc.constantFrom('tier', 'a b', 'constructor', 'q'), value) },
  { weight: 1, arbitrary: value.filter((other) => other !== null) },
)
const person = fc.record({ purpose: value, address: value, attributes })
const scene = fc
  .record({
    event: fc.record({ topic: value, queueId: value, attributes, body: fc.constantFrom({ a: 1 }, {}) }),
    participant: person,
    candidate: fc.tuple(person, fc.record({ id: value, connected: value, ended: fc.boolean() })),
  })
  .map(({ event, participant, candidate: [who, state] }) => {
    const sent = Object.assign(conversationEvent(), event, { participant })
    const other: Candidate = { id: '', connected: true, ended: false }
    return withCandidate(contextOf(sent), Object.assign<Candidate, object, object>(other, who, state))
  })

function outcome(source: string, scope: ExpressionScope, context: ExpressionContext): unknown {
  try {
    return { value: compiled(source, undefined, scope).evaluate(context, facts) }
  } catch (error) {
    return { failure: failureCode(error) }
  }
}

test('property: a shortcut says what the library says, and fails with the same code', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(condition, scene, (source, context) => {
      // The library alone knows `? :`.
      const expected = outcome(`(${source}) ? true : false`, 'candidate', context)
      assert.deepEqual(outcome(source, 'candidate', context), expected)
      const kind = JSON.stringify(expected)
      seen.set(kind, (seen.get(kind) ?? 0) + 1)
    }),
    { numRuns: 3_000 },
  )
  for (const kind of [
    { value: true },
    { value: false },
    { failure: 'no_such_key' },
    { failure: 'field_type_mismatch' },
  ])
    assert.ok((seen.get(JSON.stringify(kind)) ?? 0) > 50, JSON.stringify([...seen]))
})

test('property: so it is with texts', () => {
  fc.assert(
    fc.property(text, scene, (source, context) =>
      assert.deepEqual(
        outcome(source, 'candidate', context),
        outcome(`true ? ${source} : ""`, 'candidate', context),
      ),
    ),
    { numRuns: 1_000 },
  )
})
