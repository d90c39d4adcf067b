import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextOf } from '../../src/cel/context.ts'
import { type FailureReason, failureReason } from '../../src/cel/expression-errors.ts'
import { createExpressions } from '../../src/cel/expressions.ts'
import { conversationEvent } from '../helpers/events.ts'

const expressions = createExpressions({ tables: new Map([['tiers', { columns: undefined }]]) })
const context = contextOf(
  conversationEvent({
    participant: {},
    body: { score: 1.5, key: 'hush', list: [{}], map: { a: 1 }, nothing: null },
  }),
)

function failureOf(source: string): FailureReason {
  const compiled = expressions.compile(source)
  assert.ok(compiled.kind === 'ok', compiled.kind === 'invalid' ? compiled.message : '')
  try {
    compiled.expression.evaluate(context, { lookup: () => undefined })
  } catch (error) {
    return failureReason(error)
  }
  assert.fail(`${source} did not fail`)
}

for (const [source, field, code = 'no_such_key'] of [
  ['event.topic == "a"', 'event.topic'],
  ['event["topic"] == "a"', 'event.topic'],
  ['event.body.order.id == 1', 'event.body.order'],
  ['has(event.body.order.id)', 'event.body.order'],
  ['event.body["order number"] == 1', 'event.body["order number"]'],
  ['event.body.map[event.body.key] == 1', 'event.body.map[event.body.key]'],
  ['event.body.list[3] == 1', 'event.body.list[3]', 'index_out_of_bounds'],
  ['event.body.list.exists(item, item.x == 1)', 'item.x'],
  ['cel.bind(map, event.body.map, map.b == 1)', 'map.b'],
  ['event.?topic.value() == "a"', 'event.topic', 'optional_value_missing'],
  ['lookup("tiers", participant.address).tier == ""', 'participant.address'],
  ['(event.body.key + event.userId) == ""', 'event.userId'],
  ['participant.attributes.tier == "gold"', 'participant.attributes.tier'],
  ['participant.attributes["service level"] == "gold"', 'participant.attributes["service level"]'],
  ['"tier" in participant.attributes', 'participant.attributes'],
] as const) {
  test(`${source} names the missing field`, () => {
    assert.deepEqual(failureOf(source), { code, missing: [field] })
  })
}

for (const [source, code, ...fields] of [
  ['event.body.score * 10 > 1', 'no_such_overload', 'event.body.score'],
  ['event.body.key < event.body.score', 'no_such_overload', 'event.body.key', 'event.body.score'],
  ['int(event.body.key) == 1', 'int_conversion_error', 'event.body.key'],
  [
    'timestamp(lookup("tiers", event.body.key).since) == event.occurredAt',
    'invalid_timestamp',
    'lookup("tiers").since',
  ],
  ['{"a": true}[event.body.key]', 'no_such_key', 'event.body.key'],
  ['json(event.body.key).a == 1', 'invalid_json', 'event.body.key'],
  ['event.body.nothing.size() == 1', 'no_matching_overload', 'event.body.nothing'],
] as const) {
  test(`${source} names the fields that it cannot use`, () => {
    assert.deepEqual(failureOf(source), { code, unusable: fields })
  })
}

test('a failure without fields has only its code', () => {
  assert.deepEqual(failureOf('1 / (size("a") - 1) == 1'), { code: 'division_by_zero' })
})

test('no failure contains a value of the event', () => {
  for (const source of ['event.body.map[event.body.key] == 1', '{"a": true}[event.body.key]'])
    assert.ok(!JSON.stringify(failureOf(source)).includes('hush'))
})
