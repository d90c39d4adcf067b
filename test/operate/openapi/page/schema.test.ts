import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schemaSection, typeOf } from '../../../../src/operate/openapi/page/schema.ts'

const textOf = ({ html }: { html: string }): string => html.replaceAll(/<[^>]*>/g, '')

for (const [schema, words] of [
  [{}, 'anything'],
  [{ type: 'string' }, 'string'],
  [{ type: 'string', format: 'date-time' }, 'string (date-time)'],
  [{ type: ['string', 'null'] }, 'string or null'],
  [{ anyOf: [{ type: 'string', pattern: 'x' }, { type: 'null' }] }, 'string or null'],
  [{ oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }] }, 'A or B'],
  [{ anyOf: [{ type: 'string' }, { type: 'string', pattern: 'x' }] }, 'string'],
  [{ type: 'array', items: { type: 'integer' } }, 'list of integer'],
  [{ type: 'object', additionalProperties: { type: ['string', 'null'] } }, 'map of text to (string or null)'],
  [{ enum: ['a', 'b'] }, '&quot;a&quot; or &quot;b&quot;'],
  [{ const: 1 }, '1'],
] as const) {
  test(`${JSON.stringify(schema)} reads ${words}`, () => {
    assert.equal(textOf(typeOf(structuredClone(schema) as Parameters<typeof typeOf>[0])), words)
  })
}

test('fields inside objects and lists have rows of their own, and say whether they are required', () => {
  const inner = { type: 'object', required: ['id'], properties: { id: { type: 'string', minLength: 1 } } }
  const properties = { one: { anyOf: [inner, { type: 'null' }] }, many: { type: 'array', items: inner } }
  const { html } = schemaSection('Thing', { type: 'object', properties })
  const names = [...html.matchAll(/<tr><td><code>(.*?)<\/code>( <em>required<\/em>)?/g)]
  assert.deepEqual(
    names.map(([, name, required]) => [name, required !== undefined]),
    [
      ['one', false],
      ['one.id', true],
      ['many', false],
      ['many[].id', true],
    ],
  )
  assert.match(html, /minLength <code>1<\/code>/)
})
