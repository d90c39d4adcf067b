import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversationEvent } from '../../helpers/events.ts'
import { evaluated, failureOf } from '../../helpers/expressions.ts'

const event = conversationEvent({
  body: { list: ['a', 'b'], mixed: ['a', 1], blank: [], name: 'ÄÖÜ Straße İ', long: 'x'.repeat(1_000_000) },
})

for (const [source, expected] of [
  ['event.body.name.lower()', 'äöü straße i̇'],
  ['event.body.name.upper()', 'ÄÖÜ STRASSE İ'],
  ['"ΑΣ".lower()', 'ας'],
  ['" \\u00a0\\ta b\\n ".trim()', 'a b'],
  ['"a,b,,c".split(",").join("-")', 'a-b--c'],
  ['"a,b,,c".split(",", 2).join("-")', 'a-b,,c'],
  ['"abc".split("").join(".")', 'a.b.c'],
  ['event.body.list.join()', 'ab'],
  ['event.body.list.join(", ")', 'a, b'],
  ['event.body.blank.join(", ")', ''],
  ['["a", "b"].join("+")', 'a+b'],
  ['event.body.list.map(x, x.upper()).join("")', 'AB'],
] as const) {
  test(`${source} is ${expected}`, () => assert.equal(evaluated(source, { event }), expected))
}

test('join() fails for a list with a value that is not a string', () => {
  assert.equal(failureOf('event.body.mixed.join(",")', { event }), 'invalid_list_element_type')
  assert.equal(failureOf('event.body.name.join(",")', { event }), 'no_matching_overload')
})

test('join() fails with too_long beyond the limit of a text', () => {
  for (const source of [
    'event.body.long + event.body.long',
    'event.body.list.map(x, event.body.long).join("")',
    '[event.body.long, event.body.long].join()',
    'cel.bind(a, event.body.long + "x", cel.bind(b, a + a, b + b))',
  ])
    assert.equal(failureOf(source, { event }), 'too_long', source)
})
