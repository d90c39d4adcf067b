import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { conversationEvent } from '../../../helpers/events.ts'
import { evaluated } from '../../../helpers/expressions.ts'

const withText = (x: unknown) => ({ event: conversationEvent({ body: { x } }) })

test('json reads JSON text, whose fields are read like those of the body', () => {
  const text = JSON.stringify({ call: { id: 'c1', tags: ['a', 'b'] }, n: 1.5, ok: true, none: null })
  assert.equal(evaluated('json(event.body.x).call.id', withText(text)), 'c1')
  assert.equal(evaluated('json(event.body.x).call.tags[1]', withText(text)), 'b')
  assert.equal(evaluated('json(event.body.x).n == 1.5 && json(event.body.x).ok', withText(text)), true)
  assert.equal(evaluated('"other" in json(event.body.x)', withText(text)), false)
})

for (const [what, x, code] of [
  ['text that is not JSON', '{hush', 'invalid_json'],
  ['empty text', '', 'invalid_json'],
  ['a number', 5, 'no_matching_overload'],
  ['an object', { a: 1 }, 'no_matching_overload'],
  ['more than 1 MiB', `"${'x'.repeat(1_048_576)}"`, 'too_long'],
  ['more elements than an evaluation may look at', `[${'0,'.repeat(400_000)}0]`, 'too_costly'],
] as const) {
  test(`json fails with a code for ${what}`, () => {
    assert.throws(() => evaluated('json(event.body.x)', withText(x)), { code, message: code })
  })
}

test('levels below the 100th are left out, as of every event', () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
  assert.equal(evaluated('json(event.body.x).size() == 1', withText(deep)), true)
})

test('property: a text field that holds JSON reads like the JSON itself', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const event = conversationEvent({ body: { value, text: JSON.stringify(value) } })
      assert.equal(evaluated('json(event.body.text) == event.body.value', { event }), true)
    }),
  )
})
