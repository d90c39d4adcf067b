import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Environment } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import { boundedSource } from '../../../src/cel/syntax/bounded-source.ts'
import { evaluated } from '../../helpers/expressions.ts'
import { rounds } from '../../helpers/rounds.ts'

const environment = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true })
const bounded = (source: string): string | undefined =>
  boundedSource(environment.parse(source).ast, source, new Map([['.matches/1', '_matches']]), false)

for (const [source, expected] of [
  ['a == "b" && c.startsWith("d")', undefined],
  ['a.contains("b") && a.indexOf(r"c") > 1 && duration("1m") > d', undefined],
  ['a in ["b", "c"] ? e.f[0] : {"g": h}["g"]', undefined],
  ['a + b', '_sized(a + b)'],
  ['a + b + c', '_sized(_sized(a + b) + c)'],
  ['a - (b - c) == (d == e) || f', undefined],
  ['(a + b) * -c', '_sized(a + b) * (-c)'],
  ['a.contains(b)', 'a.contains(_short(b, 256))'],
  ['a.lastIndexOf(b, 2)', 'a.lastIndexOf(_short(b, 16), 2)'],
  ['duration(a)', 'duration(_short(a, 64))'],
  ['a.split(",")', '_sized(a.split(","))'],
  ['a.b.matches("c")', '_matches(a.b, "c")'],
  ['l.exists(x, x == "a")', '_each(l, 23).exists(x, _sized(x) == "a")'],
  ['l.map(x, x)', '_each(l, 2).map(x, x)'],
  ['l.map(x, x > 1, x)', '_each(l, 5).map(x, _sized(x) > 1, x)'],
  ['l.all(x, m.exists(y, x == y))', '_each(l, 22).all(x, _each(m, 23).exists(y, _sized(x) == _sized(y)))'],
  ['l.exists(x, has(x.a.b) || f(x) && true)', '_each(l, 67).exists(x, has(x.a.b) || (f(_sized(x)) && true))'],
  ['cel.bind(x, a.b, [x, x] == c)', 'cel.bind(x, a.b, _sized([x, x]) == _sized(c))'],
  ['a + b.?c[?d].orValue(!e)', '_sized(a + b.?c[?d].orValue((!e)))'],
] as const) {
  test(`${source} is rewritten to ${expected ?? 'nothing else'}`, () => {
    assert.equal(bounded(source), expected)
  })
}

const { number, truth } = fc.letrec<{ number: string; truth: string }>((tie) => {
  const two = (operators: string[], operand: 'number' | 'truth') =>
    fc
      .tuple(tie(operand), fc.constantFrom(...operators), tie(operand), fc.boolean(), fc.boolean())
      .map(([a, operator, b, left, right]) => `${left ? `(${a})` : a} ${operator} ${right ? `(${b})` : b}`)
  return {
    number: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('1', '2', '3', '-4', '0x5', 'size(["a"])'),
      two(['+', '-', '*', '/', '%'], 'number'),
      tie('number').map((a) => `-(${a})`),
      fc.tuple(tie('truth'), tie('number'), tie('number')).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
      fc.tuple(tie('number'), tie('number')).map(([a, b]) => `[${a}, 7, 8].map(x, x + (${b}))[0]`),
      fc.tuple(tie('number'), tie('number')).map(([a, b]) => `cel.bind(y, ${a}, y * y - (${b}))`),
      fc.tuple(tie('number'), tie('number')).map(([a, b]) => `{"k": ${a}, "l": ${b}}["k"]`),
      tie('number').map((a) => `"1,2,3".split(",", ${a}).size()`),
    ),
    truth: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('true', 'false', '"a" + "b" == "ab"', '"abc".contains("b" + "c")'),
      two(['==', '!=', '<', '<=', '>', '>='], 'number'),
      two(['&&', '||', '==', '!='], 'truth'),
      tie('truth').map((a) => `!(${a})`),
      fc.tuple(tie('number'), tie('number')).map(([a, b]) => `[1, ${a}].exists(z, z == (${b}))`),
      fc.tuple(tie('number'), tie('number')).map(([a, b]) => `(${a}) in [${b}, 1]`),
      fc.tuple(tie('truth'), tie('truth')).map(([a, b]) => `[${a}].filter(v, ${b} || v).size() == 1`),
    ),
  }
})

test('property: the bounded expression has the same result as the original', () => {
  const plain = new Environment()
  let answers = 0
  const outcome = (give: () => unknown): unknown => {
    try {
      return give()
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error
    }
  }
  fc.assert(
    fc.property(fc.oneof(number, truth), (source) => {
      const { valid } = plain.check(source)
      fc.pre(valid && source.length < 400)
      const expected = outcome(() => plain.evaluate(source))
      assert.deepEqual(
        outcome(() => evaluated(source)),
        expected,
        source,
      )
      if (typeof expected !== 'string') answers += 1
    }),
    { numRuns: rounds(150) },
  )
  assert.ok(answers > 100, String(answers))
})
