import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Environment, ParseError } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import { conjunctsOf, tokensOf } from '../../../src/cel/syntax/tokens.ts'
import { conversationEvent } from '../../helpers/events.ts'
import { compiled, evaluated } from '../../helpers/expressions.ts'
import { rounds } from '../../helpers/rounds.ts'

const print = (source: string): string[] => tokensOf(source).map(({ kind, text }) => `${kind} ${text}`)

for (const [source, expected] of [
  ['a.b == "c"', ['word a', 'sign .', 'word b', 'sign ==', 'text "c"']],
  ['a<=1.5&&!b', ['word a', 'sign <=', 'number 1.5', 'sign &&', 'sign !', 'word b']],
  ['x // y "\n+z', ['word x', 'sign +', 'word z']],
  ['"a\\"b" \'c"d\'', ['text "a\\"b"', "text 'c\"d'"]],
  ['"""a"b""" + \'\'\'it\'s\'\'\'', ['text """a"b"""', 'sign +', "text '''it's'''"]],
  ['r"\\"" B\'x\'', ['text r"\\""', "text B'x'"]],
  ['"" ""', ['text ""', 'text ""']],
  ['"abc', ['text "abc']],
  ['"a\\', ['text "a\\']],
  ['"a\nb', ['text "a', 'word b']],
  ['"""a\n"', ['text """a\n"']],
  ['“é” 😀', ['sign “', 'sign é', 'sign ”', 'sign 😀']],
  ['===', ['sign ==', 'sign =']],
  ['', []],
] as const) {
  test(`${JSON.stringify(source)} has ${expected.length} tokens`, () =>
    assert.deepEqual(print(source), expected))
}

const pieces = fc.constantFrom(
  ...[
    '"',
    "'",
    '"""',
    "'''",
    'r"',
    "b'",
    '\\',
    '\\"',
    '\n',
    '//',
    '/',
    'a',
    'in',
    '1',
    '1.5',
    '0x1F',
    ' ',
    'é',
    '😀',
  ],
  ...['==', '=', '&&', '&', '.', '(', ')', '[', ']', '{', '}', ',', '?', ':', '\ud800'],
)

test('property: the tokens and the gaps between them form the source', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 15 }), (parts) => {
      const source = parts.join('')
      let end = 0
      for (const token of tokensOf(source)) {
        assert.ok(token.start >= end && token.end > token.start)
        assert.match(source.slice(end, token.start), /^(\s|\/\/[^\n]*)*$/)
        assert.equal(source.slice(token.start, token.end), token.text)
        end = token.end
      }
      assert.match(source.slice(end), /^(\s|\/\/[^\n]*)*$/)
    }),
    { numRuns: rounds(600) },
  )
})

test('property: string literals end where the library ends them', () => {
  const environment = new Environment()
  const literal = fc
    .tuple(
      fc.constantFrom('', 'r'),
      fc.constantFrom('"', "'", '"""', "'''"),
      fc.array(fc.constantFrom('"', "'", '\\', '\\\\', 'n', 'x', '}', '//', '{', 'é'), { maxLength: 8 }),
    )
    .map(([prefix, quote, content]) => `${prefix}${quote}${content.join('')}${quote}`)
  const lengthByLibrary = (source: string): number | undefined => {
    try {
      environment.parse(source)
    } catch (error) {
      if (error instanceof ParseError && error.code === 'unexpected_character') return error.range?.start
    }
    return undefined
  }
  let compared = 0
  fc.assert(
    fc.property(literal, (source) => {
      // The library stops at the brace if the source before it is one literal.
      const length = lengthByLibrary(`${source} }`)
      if (length !== source.length + 1) return
      compared += 1
      const [first, ...others] = tokensOf(source)
      assert.equal(first?.text, source)
      assert.deepEqual(others, [])
    }),
    { numRuns: rounds(900) },
  )
  assert.ok(compared > 300, String(compared))
})

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
    { numRuns: rounds(200) },
  )
})
