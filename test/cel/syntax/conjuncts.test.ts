import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { conjunctsOf } from '../../../src/cel/syntax/conjuncts.ts'
import { conversationEvent } from '../../helpers/events.ts'
import { compiled, evaluated } from '../../helpers/expressions.ts'

for (const [source, expected] of [
  ['true', ['true']],
  ['  true  ', ['true']],
  ['a && b', ['a', 'b']],
  ['a && b && c', ['a', 'b', 'c']],
  ['a && (b && c)', ['a', 'b', 'c']],
  ['((a) && b)', ['a', 'b']],
  ['a && (b || c)', ['a', 'b || c']],
  ['a && b || c', ['a && b || c']],
  ['a ? b : c && d', ['a ? b : c && d']],
  ['!(a && b) && c', ['!(a && b)', 'c']],
  ['(a + b) == c && d', ['(a + b) == c', 'd']],
  ['f(a && b) && x[a && b] && {"k": a && b}.k', ['f(a && b)', 'x[a && b]', '{"k": a && b}.k']],
  ['x.exists(y, y > 1 && y < 3) && z', ['x.exists(y, y > 1 && y < 3)', 'z']],
  ['a == "x && y" && b == \'("\'', ['a == "x && y"', "b == '(\"'"]],
  ['a // && no\n && b // end', ['a', 'b']],
  ['a\n  && b', ['a', 'b']],
] as const) {
  test(`the conjuncts of ${JSON.stringify(source)}`, () => {
    const parts = conjunctsOf(source)
    assert.deepEqual(
      parts.map((part) => part.source),
      expected,
    )
    for (const { source: part, offset } of parts) assert.ok(source.startsWith(part, offset))
  })
}

const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'event.body.a',
      'event.body.b',
      'event.body.c',
      'event.id == "&&"',
      '("(" == ")")',
      'true',
    ),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `${a} && ${b}`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} || ${b})`),
    tie('condition').map((a) => `(${a})`),
    tie('condition').map((a) => `!(${a})`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} ? ${b} : false)`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `[true].exists(x, ${a} && ${b} && x)`),
  ),
}))

test('property: each conjunct is a condition, and the condition is true if all conjuncts are true', () => {
  const body = fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() })
  fc.assert(
    fc.property(condition, body, (source, body) => {
      fc.pre(source.length < 600)
      const event = conversationEvent({ id: 'x', body })
      const parts = conjunctsOf(source)
      assert.ok(parts.length > 0)
      for (const part of parts) assert.ok(['bool', 'dyn'].includes(compiled(part.source).type))
      assert.equal(
        evaluated(source, { event }),
        parts.every((part) => evaluated(part.source, { event }) === true),
      )
    }),
    { numRuns: 200 },
  )
})
