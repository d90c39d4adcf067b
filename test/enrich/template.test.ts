import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contextOf } from '../../src/enrich/expressions.ts'
import { compileTemplate } from '../../src/enrich/template.ts'
import { conversationEvent } from '../helpers/events.ts'

const event = conversationEvent({
  mediaType: 'VOICE',
  occurredAt: Date.parse('2026-02-03T10:15:30.250Z'),
  body: { whole: 7, half: 0.5, yes: true, nothing: null, list: [1], map: { a: 1 }, text: '${event.id}' },
})

function render(source: string): string {
  const result = compileTemplate(source)
  assert.ok(result.kind === 'ok', JSON.stringify(result))
  return result.template.render(contextOf(event))
}

for (const [source, expected] of [
  ['', ''],
  ['gold', 'gold'],
  ['${event.mediaType}', 'VOICE'],
  ['a ${event.mediaType} b ${event.mediaType}', 'a VOICE b VOICE'],
  ['${event.mediaType}${event.mediaType}', 'VOICEVOICE'],
  ['${ event.mediaType }', 'VOICE'],
  ['$', '$'],
  ['$$', '$$'],
  ['}{', '}{'],
  ['${1}}', '1}'],
  ['$${event.mediaType}', '${event.mediaType}'],
  ['$$${1}', '$${1}'],
  ['${"}"}', '}'],
  ["${'{'}", '{'],
  ['${"\\"}"}', '"}'],
  ['${{"a": "b"}.a}', 'b'],
  ['${event.body.text}', '${event.id}'],
  ['${event.body.whole}', '7'],
  ['${event.body.half}', '0.5'],
  ['${event.body.yes}', 'true'],
  ['${1 + 2}', '3'],
  ['${1u + 2u}', '3'],
  ['${1.5}', '1.5'],
  ['${event.mediaType == "VOICE"}', 'true'],
  ['${event.occurredAt}', '2026-02-03T10:15:30.250Z'],
  ['${event.mediaType == "VOICE" ? "phone" : "other"}', 'phone'],
] as const) {
  test(`${JSON.stringify(source)} becomes ${JSON.stringify(expected)}`, () => {
    assert.equal(render(source), expected)
  })
}

for (const [source, offset] of [
  ['${', 0],
  ['a ${event.id', 2],
  ['${"}', 0],
  ['${}', 2],
  ['ab ${evnt.id}', 5],
  ['${event.id} ${evnt.id}', 14],
  ['${[1]}', 2],
  ['${null}', 2],
  ['${b"x"}', 2],
  ['${event.attributes}', 2],
  ['${event}', 2],
] as const) {
  test(`${JSON.stringify(source)} is refused, at ${offset}`, () => {
    const result = compileTemplate(source)
    assert.ok(result.kind === 'invalid')
    assert.equal(result.offset, offset)
    assert.notEqual(result.message, '')
  })
}

for (const source of [
  '${event.body.nothing}',
  '${event.body.list}',
  '${event.body.map}',
  '${event.body.absent}',
  'a ${event.queueId}',
]) {
  test(`${source} gives no text for this event, and throws rather than set a wrong one`, () => {
    assert.throws(() => render(source))
  })
}

test('property: any text is compiled or refused, never thrown at', () => {
  const text = fc.array(
    fc.oneof(
      fc.constantFrom('${', '$${', '}', '{', '"', "'", '\\', 'event.id', ' + ', '1', '$'),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(text, (parts) => {
      const source = parts.join('')
      const result = compileTemplate(source)
      if (result.kind === 'invalid') {
        assert.ok(result.offset >= 0 && result.offset <= source.length)
        assert.notEqual(result.message, '')
      }
    }),
    { numRuns: 2_000 },
  )
})

test('property: a text whose every ${ is written $${ comes out as it was', () => {
  const text = fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', '"', '\n', 'é', '😀') })
  fc.assert(
    fc.property(text, (original) => {
      assert.equal(render(original.split('${').join('$${')), original)
    }),
    { numRuns: 1_000 },
  )
})

test('property: texts and expressions alternate as they were written', () => {
  const literal = fc.string({ unit: fc.constantFrom('a', ' ', '}', '{', '"', 'é', '😀'), maxLength: 5 })
  const value = fc.string({
    unit: fc.constantFrom('x', '}', '{', '$', '"', "'", '\\', '\n', 'ü'),
    maxLength: 5,
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(literal, value), { maxLength: 6 }), (parts) => {
      const source = parts.map(([text, embedded]) => `${text}\${${JSON.stringify(embedded)}}`).join('')
      assert.equal(render(source), parts.flat().join(''))
    }),
    { numRuns: 1_000 },
  )
})
