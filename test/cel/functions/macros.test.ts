import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversationEvent } from '../../helpers/events.ts'
import { compiled, evaluated, failureOf, mistakeOf } from '../../helpers/expressions.ts'

const event = conversationEvent({ userId: 'u1', body: { nothing: null, list: [1], text: 'x', zero: 0 } })

for (const [source, expected] of [
  ['default(event.userId, "nobody")', 'u1'],
  ['default(event.queueId, "nobody")', 'nobody'],
  ['default(event.attributes.tier, "none")', 'none'],
  ['default(participant.attributes["tier"], "none")', 'none'],
  ['default(event.body.a.b.c, "none")', 'none'],
  ['default(event.body.text.b, "none")', 'none'],
  ['default(event.body.nothing, "none")', 'none'],
  ['default(event.body.list[5], 7)', 7n],
  ['default(event.body.list[0], 7)', 1],
  ['default(event.body.zero, 7)', 0],
  ['default(event.queueId, default(event.body.a, event.userId))', 'u1'],
  ['default(event.queueId.upper() + "!", "none")', 'none'],
  ['default(event.?queueId.value(), "none")', 'none'],
  ['event.body.list.map(x, default(x.a, "none"))[0]', 'none'],
  ['default(event.queueId, "a") == "a" && default(event.userId, "b") == "u1"', true],
] as const) {
  test(`${source} is ${expected}`, () => assert.equal(evaluated(source, { event }), expected))
}

test('default() catches only missing data', () => {
  assert.equal(failureOf('default(1 / 0, 1)'), 'division_by_zero')
  assert.equal(failureOf('default(int(event.body.text), 1)', { event }), 'int_conversion_error')
  assert.equal(failureOf('default(event.queueId, event.mediaType)', { event }), 'no_such_key')
})

test('value and fallback must have the same type', () => {
  assert.equal(compiled('default(event.userId, "x")').type, 'string')
  assert.equal(compiled('default(event.body.a, "x")').type, 'dyn')
  assert.deepEqual(mistakeOf('default(event.userId, 5)'), {
    kind: 'invalid',
    offset: 22,
    message: 'the fallback must have the type of the value: the value is text, this is a whole number',
  })
  assert.match(mistakeOf('default(event.usrId, "x")').message, /did you mean "userId"/)
})
