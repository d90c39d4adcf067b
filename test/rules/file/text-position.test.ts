import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isScalar, parseDocument, Scalar } from 'yaml'
import { placeInText } from '../../../src/rules/file/text-position.ts'

const styles = [
  Scalar.PLAIN,
  Scalar.QUOTE_SINGLE,
  Scalar.QUOTE_DOUBLE,
  Scalar.BLOCK_FOLDED,
  Scalar.BLOCK_LITERAL,
] as const

/** The text of `value` in a file, as the YAML library writes it. */
function written(value: string, type: Scalar.Type) {
  const scalar = new Scalar(value)
  scalar.type = type
  const document = parseDocument('a: { b: c }')
  document.setIn(['a'], scalar)
  const text = document.toString({ lineWidth: 30 })
  const node = parseDocument(text).getIn(['a'], true)
  assert.ok(isScalar(node))
  return { text, node }
}

test('property: a character is found where it is written, however the text is folded', () => {
  const piece = fc.constantFrom(
    'event.id',
    '==',
    '"x"',
    "'",
    '&&',
    ' ',
    '\n',
    '\\',
    ':',
    '#',
    'ü',
    '😀',
    '  ',
  )
  const value = fc.array(piece, { minLength: 1, maxLength: 20 }).map((pieces) => `a ${pieces.join(' ')} z`)
  fc.assert(
    fc.property(value, fc.constantFrom(...styles), (content, type) => {
      const { text, node } = written(content, type)
      for (const [offset, character] of String(node.value).split('').entries()) {
        const place = placeInText(node, text, offset)
        if (place === undefined) assert.equal(node.type, 'QUOTE_DOUBLE', 'only escapes cannot be followed')
        else if (character.trim() !== '') assert.equal(text[place]?.replace('\\', character), character)
      }
    }),
    { numRuns: 500 },
  )
})

test('the end of a text is after its last character', () => {
  const { text, node } = written('event.id ==', Scalar.BLOCK_FOLDED)
  assert.equal(placeInText(node, text, 'event.id =='.length), text.indexOf('==') + 2)
})

test('what is no text, or an empty one, has no place inside', () => {
  for (const source of ['5', '""', 'null']) {
    const node = parseDocument(source).contents
    assert.equal(isScalar(node) ? placeInText(node, source, 0) : 0, undefined)
  }
})
