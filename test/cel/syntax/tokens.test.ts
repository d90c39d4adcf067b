import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Environment, ParseError } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import { tokensOf } from '../../../src/cel/syntax/tokens.ts'

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
    { numRuns: 2_000 },
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
    { numRuns: 3_000 },
  )
  assert.ok(compared > 300, String(compared))
})
