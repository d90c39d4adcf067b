import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isScalar, parseDocument, Scalar } from 'yaml'
import { positionInText } from '../../../src/rules/file/yaml-positions.ts'
import { rounds } from '../../helpers/rounds.ts'

const styles = [
  Scalar.PLAIN,
  Scalar.QUOTE_SINGLE,
  Scalar.QUOTE_DOUBLE,
  Scalar.BLOCK_FOLDED,
  Scalar.BLOCK_LITERAL,
] as const

/** `value` as YAML, written by the YAML library. */
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

test('property: each character of a string is found in the file, however the string is folded', () => {
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
        const place = positionInText(node, text, offset)
        if (place === undefined) assert.equal(node.type, 'QUOTE_DOUBLE', 'only escapes cannot be followed')
        else if (character.trim() !== '') assert.equal(text[place]?.replace('\\', character), character)
      }
    }),
    { numRuns: rounds(150) },
  )
})

test('the position after the last character is the end of the string', () => {
  const { text, node } = written('event.id ==', Scalar.BLOCK_FOLDED)
  assert.equal(positionInText(node, text, 'event.id =='.length), text.indexOf('==') + 2)
})

test('a value that is not a string, or an empty string, has no position', () => {
  for (const source of ['5', '""', 'null']) {
    const node = parseDocument(source).contents
    assert.equal(isScalar(node) ? positionInText(node, source, 0) : 0, undefined)
  }
})
