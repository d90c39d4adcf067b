import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileExpression, contextOf, failureCode } from '../../src/enrich/expressions.ts'
import type { ConversationEvent } from '../../src/event.ts'
import { conversationEvent } from '../helpers/events.ts'

const full = conversationEvent({
  topic: 'customer.start',
  id: 'event-1',
  occurredAt: Date.parse('2026-02-03T10:15:30.250Z'),
  mediaType: 'VOICE',
  direction: 'INBOUND',
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

function evaluate(source: string, event: ConversationEvent = full): unknown {
  const result = compileExpression(source)
  assert.ok(result.kind === 'ok', JSON.stringify(result))
  return result.expression.evaluate(contextOf(event))
}

for (const [source, expected] of [
  ['event.type', 'conversation:created'],
  ['event.topic', 'customer.start'],
  ['event.id', 'event-1'],
  ['event.conversationId', 'conversation-1'],
  ['event.participantId', 'participant-1'],
  ['event.mediaType + event.direction', 'VOICEINBOUND'],
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

test('has() tells what an event does not say', () => {
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
  test(`${source} has no value where the event does not say it: evaluation fails with a code`, () => {
    assert.throws(
      () => evaluate(source, bare),
      (error) => {
        assert.equal(failureCode(error), 'no_such_key')
        return true
      },
    )
  })
}

test('a missing part does not matter where the rest decides', () => {
  assert.equal(evaluate('event.topic == "a" || event.type == "conversation:created"', bare), true)
  assert.equal(evaluate('event.topic == "a" && event.type == "another"', bare), false)
})

test('nothing of JavaScript shows through', () => {
  for (const source of [
    'event.body.constructor',
    'event.body.toString',
    'event.body.__proto__',
    'event.attributes.constructor',
  ]) {
    assert.throws(() => evaluate(source), source)
  }
  for (const source of [
    'event.constructor',
    'participant.__proto__',
    'globalThis',
    'process.env',
    'event.identity',
  ]) {
    assert.equal(compileExpression(source).kind, 'invalid', source)
  }
})

for (const source of [
  'event.id.matches("a")',
  'matches(event.id, "a")',
  '[event.id].exists(x, x.matches("a"))',
  'true ? event.id.matches("a") : false',
  '{"a": event.id.matches("a")}.a',
  '!(event.id.matches("a"))',
]) {
  test(`${source} is refused: a regular expression could run for ever`, () => {
    const result = compileExpression(source)
    assert.ok(result.kind === 'invalid')
    assert.match(result.message, /^matches\(\) is not available/)
    assert.equal(source.slice(result.offset, result.offset + 7), 'matches')
  })
}

test('the word matches in a text is no call', () => {
  assert.equal(evaluate('event.id == "matches" || event.body.list[0] == "matches(x)"'), false)
})

test('an expression of unreasonable size is refused when it is compiled', () => {
  for (const source of [
    Array.from({ length: 600 }, () => 'true').join(' && '),
    `${'('.repeat(200)}true${')'.repeat(200)}`,
    `${'!'.repeat(600)}true`,
    `event.id in [${Array.from({ length: 300 }, (_, index) => `"${index}"`).join()}]`,
  ]) {
    assert.equal(compileExpression(source).kind, 'invalid', source.slice(0, 40))
  }
})

test('the type is known before any event is seen', () => {
  for (const [source, type] of [
    ['event.id == "a"', 'bool'],
    ['event.id', 'string'],
    ['size(event.id)', 'int'],
    ['event.body.mark', 'dyn'],
    ['event.occurredAt', 'google.protobuf.Timestamp'],
  ] as const) {
    const result = compileExpression(source)
    assert.ok(result.kind === 'ok')
    assert.equal(result.expression.type, type)
  }
})

test('a failure that is not of the library has a code of its own', () => {
  assert.equal(failureCode(new Error('hush')), 'evaluation_failed')
})
