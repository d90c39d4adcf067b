import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
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

test('hash() is SHA-256 of UTF-8, and HMAC-SHA-256 with a salt', () => {
  assert.equal(
    evaluated('hash("abc")'),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', // FIPS 180-4, example
  )
  assert.equal(
    evaluated('hash("what do ya want for nothing?", "Jefe")'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', // RFC 4231, test case 2
  )
  for (const id of ['', 'tel:+13175550100', 'Zoë 😀']) {
    const event = conversationEvent({ id })
    assert.equal(evaluated('hash(event.id)', { event }), createHash('sha256').update(id).digest('hex'))
    assert.equal(
      evaluated('hash(event.id, "söme salt")', { event }),
      createHmac('sha256', 'söme salt').update(id).digest('hex'),
    )
  }
})

const having = (t: unknown) => ({ event: conversationEvent({ body: { t } }) })

for (const [expression, text, expected] of [
  ['json(event.body.t).call.id', '{"call":{"id":"c1"}}', 'c1'],
  ['json(event.body.t)[1]', '[1, "b"]', 'b'],
  ['json(event.body.t)', ' "text" ', 'text'],
  ['json(event.body.t) == 5', '5.0', true],
  ['json(event.body.t) + 0.5', '2', 2.5],
  ['json(event.body.t)', 'true', true],
  ['json(event.body.t) == null', 'null', true],
  ['cel.bind(b, json(event.body.t), has(b.a))', '{"b":1}', false],
  ['default(json(event.body.t).a, "none")', '{"a":null}', 'none'],
  ['cel.bind(b, json(event.body.t), b.x + b.y)', '{"x":"1","y":"2"}', '12'],
  ['json(event.body.t).exists(x, x == "b")', '["a","b"]', true],
  ['json(json(event.body.t).Message).id', '{"Message":"{\\"id\\":\\"c1\\"}"}', 'c1'],
  ['json(event.body.t).constructor', '{"constructor":"a"}', 'a'],
  ['json(event.body.t)["__proto__"]', '{"__proto__":"a"}', 'a'],
] as const)
  test(`json() reads ${text}: ${expression}`, () => {
    assert.equal(evaluated(expression, having(text)), expected)
  })

test('invalid JSON, and a value that is not a string, fail', () => {
  for (const text of ['', '{', '{"a":1} x', "{'a':1}", 'NaN', 'undefined'])
    assert.equal(failureOf('json(event.body.t)', having(text)), 'invalid_json', text)
  for (const value of [1, null, { a: 1 }, [], true])
    assert.equal(
      failureOf('json(event.body.t)', having(value)),
      'no_matching_overload',
      JSON.stringify(value),
    )
  assert.equal(failureOf('json(event.body.none)', having('')), 'no_such_key')
  assert.equal(failureOf('json(event.body.t).a', having('{"b":1}')), 'no_such_key')
  assert.equal(failureOf('json(event.body.t).a', having('5')), 'no_such_key')
  assert.equal(failureOf('default(json(event.body.t), "none")', having('{')), 'invalid_json')
})

test('length, depth and steps are limited', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  assert.equal(evaluated('size(json(event.body.t))', having(nested(64))), 1n)
  assert.equal(failureOf('json(event.body.t)', having(nested(65))), 'too_deep')
  assert.equal(failureOf('json(event.body.t)', having(nested(100_000))), 'too_deep')
  const long = (characters: number) => `"${'x'.repeat(characters - 2)}"`
  assert.equal(evaluated('size(json(event.body.t))', having(long(262_144))), 262_142n)
  assert.equal(failureOf('json(event.body.t)', having(long(262_145))), 'too_long')
  const list = (times: number) => `[${Array(times).fill('event.body.t').join()}].all(t, json(t) != null)`
  assert.equal(evaluated(list(3), having(long(262_144))), true)
  assert.equal(failureOf(list(4), having(long(262_144))), 'too_costly')
})

test('property: json() equals JSON.parse', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = JSON.stringify(value)
      assert.deepEqual(evaluated('json(event.body.t)', having(text)), JSON.parse(text))
    }),
  )
})
