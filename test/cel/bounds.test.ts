import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contextOf } from '../../src/cel/context.ts'
import { createExpressions } from '../../src/cel/expressions.ts'
import type { ConversationEvent } from '../../src/event.ts'
import { conversationEvent } from '../helpers/events.ts'
import { evaluated, failureOf } from '../helpers/expressions.ts'
import { rounds } from '../helpers/rounds.ts'

const long = 'a'.repeat(1_000_000)
const large = conversationEvent({
  body: {
    long,
    needle: `${'a'.repeat(200)}b${'a'.repeat(200)}`,
    digits: '1'.repeat(1_000_000),
    list: Array.from({ length: 10_000 }, (_, index) => index % 10),
    huge: Array.from({ length: 300_000 }, () => ({})),
    commas: ','.repeat(1_000_000),
  },
})

test('a list of 10,000 elements can be searched', () => {
  for (const [source, expected] of [
    ['event.body.list.exists(x, x == 7)', true],
    ['event.body.list.exists(x, x == 11 || x == 12)', false],
    ['event.body.list.all(x, x < 10)', true],
    ['event.body.list.filter(x, x > 5 && x < 7).size()', 1_000n],
    ['event.body.list.map(x, x * 2.0).size()', 10_000n],
    ['11.0 in event.body.list', false],
  ] as const)
    assert.equal(evaluated(source, { event: large }), expected, source)
})

// Without bounds, each of these took seconds to hours, or all memory.
for (const [source, code] of [
  ['event.body.list.exists(x, event.body.list.exists(y, y == x + 10.0))', 'too_costly'],
  ['event.body.list.all(x, event.body.list.all(y, event.body.list.all(z, x + y + z >= 0.0)))', 'too_costly'],
  ['event.body.list.map(x, event.body.list.map(y, [x, y]))', 'too_costly'],
  ['event.body.list.filter(x, !(x + 0.5 in event.body.list))', 'too_costly'],
  ['event.body.huge.exists(x, x.a == 1)', 'too_costly'],
  ['event.body.list.exists(x, event.body.long.contains("b"))', 'too_costly'],
  ['event.body.list.exists(x, event.body.long.matches("b"))', 'too_costly'],
  ['event.body.list.exists(x, hash(event.body.long) == "")', 'too_costly'],
  ['event.body.list.exists(x, event.body.huge == [event.body.huge])', 'too_costly'],
  ['event.body.list.map(x, event.body.huge) == event.body.list.map(x, [event.body.huge])', 'too_costly'],
  ['event.body.list.exists(x, e164("+1317555010" + string(x)) == "")', 'too_costly'],
  ['event.body.list.map(x, event.body.long).join("")', 'too_costly'],
  ['[event.body.long, event.body.long].join()', 'too_long'],
  ['event.body.list.map(x, event.body.long + "a").size()', 'too_costly'],
  ['event.body.long.contains(event.body.needle)', 'too_long'],
  ['event.body.long.lastIndexOf(event.body.needle)', 'too_long'],
  ['event.body.commas.split(",")', 'too_costly'],
  ['duration(event.body.digits)', 'too_long'],
  ['cel.bind(a, event.body.long + "a", cel.bind(b, a + a, cel.bind(c, b + b, c + c)))', 'too_long'],
  [
    'cel.bind(a, event.body.list + event.body.list, cel.bind(b, a + a, cel.bind(c, b + b, c + c + c + c + c + c)))',
    'too_costly',
  ],
] as const) {
  test(`${source.slice(0, 90)} fails with ${code}`, () => {
    assert.equal(failureOf(source, { event: large }), code)
  })
}

test('||, && and default() do not hide an exhausted budget', () => {
  const costly = 'event.body.huge.exists(x, x.a == 1)'
  for (const source of [
    `${costly} || true`,
    `true || ${costly}`,
    `!(${costly} && false)`,
    `[1].exists(y, ${costly} || y == 1)`,
    `default(${costly}, true)`,
  ]) {
    const decided = source.startsWith('true') // The right side is not evaluated.
    if (decided) assert.equal(evaluated(source, { event: large }), true)
    else assert.equal(failureOf(source, { event: large }), 'too_costly', source)
  }
})

test('each evaluation has its own budget', () => {
  const expressions = createExpressions({ tables: new Map() })
  const result = expressions.compile('event.body.list.exists(x, x == 11)')
  assert.ok(result.kind === 'ok')
  const context = contextOf(large)
  for (let time = 0; time < 5; time += 1)
    assert.equal(result.expression.evaluate(context, { lookup: () => undefined }), false)
})

const varied = [
  'event.id == event.topic',
  'event.body == event.body.a',
  'event.body.a == event.body.b',
  'event.body.a < event.body.b',
  'event.body.a + event.body.b',
  'event.body.a - 1.0 > event.body.b * 2.0',
  'event.body.a in event.body.b',
  'event.body[event.id]',
  'event.body.a[event.body.b]',
  'event.body.a[0]',
  'event.body.a[?0].orValue("x")',
  'event.?topic.orValue(event.id)',
  'default(event.body.a.b.c, default(event.body.b, "x"))',
  'has(event.body.a) && has(event.body.a.b)',
  '!event.body.a || event.body.b',
  'event.body.a ? event.body.b : event.id',
  'size(event.body.a)',
  'string(event.body.a) + string(event.body.b)',
  'int(event.body.a) / int(event.body.b)',
  'int(event.body.a) % 2',
  'bool(event.body.a)',
  'timestamp(event.body.a) < event.occurredAt',
  'duration(event.body.a) + duration("1h")',
  'event.occurredAt + duration("1000000h")',
  'event.body.exists(x, x == "a")',
  'event.body.a.all(x, x.a == event.body.b || x > 1)',
  'event.body.a.exists_one(x, x == null)',
  'event.body.a.map(x, event.body.b.map(y, [x, y]))',
  'event.body.filter(key, event.body[key] == 1).join(",")',
  'event.body.a.map(x, string(x)).join(event.id)',
  'event.body.a.contains(event.body.b)',
  'event.body.a.split(event.body.b).map(x, x.upper()).join("-")',
  'event.body.a.substring(1, 2) + event.id.lower()',
  'event.body.a.matches("^(a|b)+$")',
  'regex.replace(event.body.a, "[^a-z]+", "<\\\\0>")',
  'regex.extract(event.id, "([0-9]+)")',
  'e164(event.body.a, "US") + countryOf(event.id)',
  'hash(event.body.a, event.id)',
  'timeOfDay(event.occurredAt, "Europe/Berlin") + dateOf(event.occurredAt, "UTC")',
  'startOf(event.occurredAt, "week", "America/New_York")',
  'event.occurredAt.getDayOfYear("Asia/Tokyo") + event.occurredAt.getDayOfYear()',
  'lookup("tiers", event.body.a)[event.body.b]',
  'cel.bind(x, event.body.a, x == x && [x, x] == [x, event.body.b])',
  'event.attributes == participant.attributes || "a" in event.attributes',
  'event.attributes[event.id] + participant.attributes.constructor',
  'participant[event.id]',
  '[event.body.a, event.body.b].exists(x, type(x) == string)',
  '{"a": event.body.a}["a"] == {"b": event.body.b}.b',
]

/** Each expression has a result for at least one of these events. */
const friendly = [
  { a: 3, b: 2, purpose: 'x' },
  { a: true, b: true },
  { a: 'abba', b: 'b', purpose: 'x' },
  { a: '7', b: '2' },
  { a: 'true', b: 'a' },
  { a: ['x'], b: ['x', 'y'] },
  { a: [null, { a: 1 }], b: [[null, { a: 1 }]] },
  { a: [5, 6], b: 0 },
  { a: { b: { c: 1 } }, b: 'b' },
  { a: '2026-01-05T09:00:00Z', b: 1 },
  { a: '1h', b: 1 },
].map((body: unknown): [FriendlyEvent] => [
  {
    id: 'purpose',
    topic: 'purpose',
    occurredAt: Date.UTC(2026, 2, 8),
    attributes: { purpose: 'p', a: 'x' },
    participant: { purpose: 'customer', attributes: { constructor: 'c' } },
    body,
  },
])

interface FriendlyEvent {
  readonly id: string
  readonly topic: string
  readonly occurredAt: number
  readonly attributes: Record<string, string>
  readonly participant: { readonly purpose: string; readonly attributes: Record<string, string> }
  readonly body: unknown
}

test('property: for any event, an expression returns the same result or failure code each time', () => {
  const expressions = createExpressions({ tables: new Map([['tiers', { columns: undefined }]]) })
  const compiled = varied.map((source) => {
    const result = expressions.compile(source)
    assert.ok(result.kind === 'ok', `${source}: ${JSON.stringify(result)}`)
    return { source, expression: result.expression }
  })
  const key = fc.oneof(
    fc.constantFrom('a', 'b', 'constructor', '__proto__', 'toString', 'length', 'size'),
    fc.string({ unit: 'binary', maxLength: 5 }),
  )
  const scalar = fc.oneof(
    fc.constantFrom(
      null,
      true,
      0,
      -0,
      1,
      1e308,
      -1e-308,
      2 ** 53,
      'a',
      '',
      '2026-01-05T09:00:00Z',
      '+13175550100',
    ),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.constantFrom('\ud800', 'a\udc00', '\u0000', 'x'.repeat(100_000), '9'.repeat(1_000)),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      fc.constantFrom(
        deep('[', ']'),
        deep('{"a":', '}'),
        Array.from({ length: 20_000 }, () => 'a'),
      ),
    ),
  }))
  const body = fc.oneof(value, fc.record({ a: value, b: value }))
  const text = fc.option(fc.string({ unit: 'binary', maxLength: 8 }), { nil: undefined })
  const texts = fc.option(fc.dictionary(key, fc.string({ maxLength: 4 })), { nil: undefined })
  const events = fc.record({
    id: fc.oneof(text, fc.constantFrom('constructor', '__proto__', 'a')),
    topic: text,
    occurredAt: fc.option(fc.integer({ min: -8.64e15, max: 8.64e15 }), { nil: undefined }),
    attributes: texts,
    participant: fc.record({ purpose: text, attributes: texts }),
    body,
  })
  const rows = { a: { a: 'x' } } as Record<string, Record<string, string>>
  const facts = {
    lookup: (_: string, key: string) => (Object.hasOwn(rows, key) ? rows[key] : undefined),
  }
  const answered = new Set<string>()
  fc.assert(
    fc.property(events, (changes) => {
      const event = { ...conversationEvent(), ...changes } as ConversationEvent
      for (const { source, expression } of compiled) {
        const first = outcome(() => expression.evaluate(contextOf(event), facts))
        const again = outcome(() => expression.evaluate(contextOf(event), facts))
        assert.deepEqual(again, first, source)
        if (first.kind === 'failed') assert.match(first.code, /^[a-z_]+$/, source)
        else answered.add(source)
      }
    }),
    { numRuns: rounds(50), examples: friendly },
  )
  assert.deepEqual(
    varied.filter((source) => !answered.has(source)),
    [],
    'never answered',
  )
})

const deep = (open: string, close: string): unknown =>
  JSON.parse(`${open.repeat(5_000)}1${close.repeat(5_000)}`)

type Outcome =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly code: string }

function outcome(give: () => unknown): Outcome {
  try {
    return { kind: 'answered', value: give() }
  } catch (error) {
    assert.ok(error instanceof Error && error.name === 'ExpressionFailure' && 'code' in error, String(error))
    return { kind: 'failed', code: String(error.code) }
  }
}
