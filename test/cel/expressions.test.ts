import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextOf } from '../../src/cel/context.ts'
import { failureCode } from '../../src/cel/expression-errors.ts'
import type { ConversationEvent } from '../../src/event.ts'
import { conversationEvent } from '../helpers/events.ts'
import { compiled, evaluated, failureOf, mistakeOf } from '../helpers/expressions.ts'

const full = conversationEvent({
  topic: 'customer.start',
  id: 'event-1',
  occurredAt: Date.parse('2026-02-03T10:15:30.250Z'),
  mediaType: 'voice',
  direction: 'inbound',
  queueId: 'queue-1',
  userId: 'user-1',
  attributes: { tier: 'gold', 'Case Number': '0042' },
  participant: {
    purpose: 'customer',
    address: 'tel:+13175550100',
    ani: '+13175550100',
    dnis: '+13175550199',
    externalContactId: 'contact-1',
    externalId: 'customer_12345',
    userId: 'user-2',
    queueId: 'queue-2',
    attributes: { language: 'de' },
  },
  body: { mark: 7, half: 0.5, nothing: null, list: ['a', 'b'], nested: { deep: { er: true } } },
})

const evaluate = (source: string, event: ConversationEvent = full): unknown => evaluated(source, { event })

for (const [source, expected] of [
  ['event.type', 'conversation:created'],
  ['event.topic', 'customer.start'],
  ['event.id', 'event-1'],
  ['event.conversationId', 'conversation-1'],
  ['event.participantId', 'participant-1'],
  ['event.mediaType + event.direction', 'voiceinbound'],
  ['event.queueId', 'queue-1'],
  ['event.userId', 'user-1'],
  ['event.attributes.tier', 'gold'],
  ['event.attributes["Case Number"]', '0042'],
  ['"tier" in event.attributes && !("absent" in event.attributes)', true],
  ['participant.purpose', 'customer'],
  ['participant.address.startsWith("tel:+1")', true],
  ['participant.ani + participant.dnis', '+13175550100+13175550199'],
  ['participant.externalContactId', 'contact-1'],
  ['participant.externalId', 'customer_12345'],
  ['participant.userId + participant.queueId', 'user-2queue-2'],
  ['participant.attributes.language', 'de'],
  ['event.body.mark == 7 && event.body.half < 1', true],
  ['event.body.nothing == null', true],
  ['event.body.list[1]', 'b'],
  ['event.body.list.exists(x, x == "b")', true],
  ['event.body.nested.deep.er', true],
  ['event.occurredAt > timestamp("2026-01-01T00:00:00Z")', true],
  ['event.occurredAt.getHours()', 10n],
  ['has(event.topic) && has(event.occurredAt) && has(participant.ani)', true],
  ['size(event.attributes)', 2n],
] as const) {
  test(`${source} is ${expected}`, () => assert.equal(evaluate(source), expected))
}

const bare = conversationEvent({ participant: {} })

test('has() is false for a missing field', () => {
  for (const field of [
    'event.topic',
    'event.occurredAt',
    'event.attributes',
    'event.body.x',
    'participant.purpose',
  ]) {
    assert.equal(evaluate(`has(${field})`, bare), false, field)
  }
})

for (const source of [
  'event.topic',
  'event.occurredAt',
  'participant.purpose == "customer"',
  'event.attributes.tier',
  'event.body.absent',
  'event.body.a.b.c',
]) {
  test(`${source} fails with no_such_key if the field is missing`, () => {
    assert.equal(failureOf(source, { event: bare }), 'no_such_key')
  })
}

test('|| and && ignore a missing field if the other operand decides', () => {
  assert.equal(evaluate('event.topic == "a" || event.type == "conversation:created"', bare), true)
  assert.equal(evaluate('event.topic == "a" && event.type == "another"', bare), false)
})

test('optional access replaces a missing field', () => {
  assert.equal(evaluate('event.?topic.orValue("none")', bare), 'none')
  assert.equal(evaluate('event.?topic.orValue("none")'), 'customer.start')
  assert.equal(evaluate('event.body.?a.?b[?0].orValue("none")', bare), 'none')
  assert.equal(evaluate('event.?queueId.or(event.?userId).orValue("none")'), 'queue-1')
  assert.equal(evaluate('event.?topic.hasValue()', bare), false)
  assert.equal(compiled('event.?topic.orValue("none")').type, 'string')
})

test('JavaScript properties cannot be read', () => {
  for (const source of ['event.body.constructor', 'event.body.toString', 'event.body.__proto__'])
    assert.equal(failureOf(source, { event: full }), 'no_such_key', source)
  for (const source of [
    'event[event.body.list[0]]',
    'participant[event.body.list[0]]',
    'event[event.id + ""]',
  ])
    assert.equal(failureOf(source, { event: full }), 'no_such_key', source)
  const named = conversationEvent({ id: 'constructor', body: { name: '__proto__' } })
  for (const source of ['event[event.id]', 'participant[event.id]', 'event[event.body.name]'])
    assert.equal(failureOf(source, { event: named }), 'no_such_key', source)
  for (const source of [
    'event.constructor',
    'participant.__proto__',
    'event["constructor"]',
    'globalThis',
    'process.env',
    'event.identity',
    'this',
    'regex.constructor',
    'cel.constructor',
    'optional.constructor',
    'event.occurredAt.constructor',
    'event.occurredAt.getTime',
    'event.occurredAt["__proto__"]',
    '[event.occurredAt][0].__proto__',
    'duration("1m").seconds',
    'b"x".buffer',
    '1u.value',
    'type("x").name',
  ])
    mistakeOf(source)
})

test('rules cannot call the functions and macros that bound an expression', () => {
  for (const source of [
    '_each([1], 1)',
    '_sized("a")',
    '_short("a", 1)',
    '_matches("a", "b")',
    '_join(["a"], "b")',
    '_getHours(event.occurredAt, "UTC")',
  ])
    assert.match(mistakeOf(source).message, /^there is no function _/)
})

test('an expression that is too large does not compile', () => {
  for (const source of [
    Array.from({ length: 600 }, () => 'true').join(' && '),
    `${'('.repeat(200)}true${')'.repeat(200)}`,
    `${'!'.repeat(600)}true`,
    `${'!'.repeat(100_000)}true`,
    `${'-'.repeat(100_000)}1`,
    `${'('.repeat(100_000)}true`,
    `${'['.repeat(100_000)}true`,
    `true${'.a'.repeat(100_000)}`,
    Array.from({ length: 100_000 }, () => '1').join('+'),
    `event.id in [${Array.from({ length: 300 }, (_, index) => `"${index}"`).join()}]`,
  ])
    assert.match(mistakeOf(source).message, /^the expression is too large/)
})

test('expressions at the size limits can be evaluated', () => {
  const sum = Array.from({ length: 250 }, () => '"a"').join(' + ')
  assert.equal(evaluate(sum), 'a'.repeat(250))
  assert.equal(evaluate(`${'('.repeat(30)}1 + 1${')'.repeat(30)}`), 2n)
  const alternating = Array.from({ length: 120 }, () => 'true == false != ').join('')
  assert.equal(typeof evaluate(`${alternating}("a" + "b" == "ab")`), 'boolean')
  const nested = Array.from({ length: 14 }, (_, index) => `[1].exists(x${index}, `).join('')
  assert.equal(evaluate(`${nested}"a" + "b" == "ab"${')'.repeat(14)}`), true)
})

test('compile() derives the type', () => {
  for (const [source, type] of [
    ['event.id == "a"', 'bool'],
    ['event.id', 'string'],
    ['event.id + "a"', 'string'],
    ['size(event.id)', 'int'],
    ['event.body.mark', 'dyn'],
    ['event.body.list.exists(x, x == 1)', 'bool'],
    ['event.occurredAt', 'google.protobuf.Timestamp'],
    ['event.?id', 'optional<string>'],
  ] as const)
    assert.equal(compiled(source).type, type)
})

const tables = new Map([
  ['a', { columns: ['x'] }],
  ['b', { columns: undefined }],
])

for (const [source, reads, attributes] of [
  ['event.id == "lookup"', [], false],
  ['lookup("b", lookup("a", event.id).x).y + lookup("b", "z").y', ['b', 'a'], false],
  ['[1].exists(x, lookup("a", "b").x == "")', ['a'], false],
  ['event.attributes.x == "" && participant.purpose == ""', [], false],
  ['participant.attributes.x == ""', [], true],
  ['has(participant.attributes)', [], true],
  ['participant["attributes"].x == ""', [], true],
  ['participant["purpose"] == ""', [], false],
  ['participant.?attributes.?x.orValue("") == ""', [], true],
  ['participant[event.body.field] == ""', [], true],
  ['cel.bind(p, participant, p.purpose == "")', [], true],
  ['[participant.purpose].exists(x, x == "a") || [1].exists(x, participant.attributes.y == "")', [], true],
] as const) {
  test(`compile() derives the data that ${source} reads`, () => {
    const found = compiled(source, tables).reads
    assert.deepEqual(found.tables, reads)
    assert.equal(found.participantAttributes, attributes)
  })
}

test('an error other than ExpressionFailure has the code evaluation_failed', () => {
  assert.equal(failureCode(new Error('hush')), 'evaluation_failed')
})

test('a failure has a code and contains no value of the event', () => {
  const event = conversationEvent({ body: { secret: 'hush' } })
  const { evaluate } = compiled('bool(event.body.secret)')
  assert.throws(
    () => evaluate(contextOf(event), { lookup: () => undefined }),
    (error) => {
      assert.equal(failureCode(error), 'bool_conversion_error')
      assert.ok(
        error instanceof Error && !JSON.stringify([error, error.message, error.stack]).includes('hush'),
      )
      assert.equal(error.cause, undefined)
      return true
    },
  )
})

test('an evaluation restores the stack trace limit and does not keep the rows of an earlier one', () => {
  const { stackTraceLimit } = Error
  const expression = compiled('lookup("b", event.id).y + event.queueId', tables)
  const context = contextOf(conversationEvent({ id: 'k' }))
  const full = contextOf(conversationEvent({ id: 'k', queueId: 'q' }))
  assert.throws(() => expression.evaluate(context, { lookup: () => ({ y: 'first' }) }))
  assert.equal(Error.stackTraceLimit, stackTraceLimit)
  assert.equal(expression.evaluate(full, { lookup: () => ({ y: 'second' }) }), 'secondq')
  assert.equal(expression.evaluate(full, { lookup: () => undefined }), 'q')
})

test('an exception in a lookup fails with evaluation_failed', () => {
  const expression = compiled('lookup("b", "c").y', tables)
  const facts = {
    lookup: () => {
      throw new Error('broken')
    },
  }
  assert.throws(() => expression.evaluate(contextOf(conversationEvent()), facts), {
    name: 'ExpressionFailure',
    code: 'evaluation_failed',
  })
})
