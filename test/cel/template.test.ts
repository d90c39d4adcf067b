import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contextOf } from '../../src/cel/context.ts'
import { createExpressions } from '../../src/cel/expressions.ts'
import { compileTemplate, maxRenderedLength, type TemplateResult } from '../../src/cel/template.ts'
import type { ConversationEvent } from '../../src/event.ts'
import { conversationEvent } from '../helpers/events.ts'
import { rounds } from '../helpers/rounds.ts'

const event = conversationEvent({
  mediaType: 'voice',
  occurredAt: Date.parse('2026-02-03T10:15:30.250Z'),
  body: { whole: 7, half: 0.5, yes: true, nothing: null, list: [1], map: { a: 1 }, text: '${event.id}' },
})

const expressions = createExpressions({ tables: new Map([['tiers', { columns: ['tier'] }]]) })
const compile = (source: string): TemplateResult => compileTemplate(source, expressions)
const facts = { lookup: (_: string, key: string) => (key === 'a' ? { tier: 'gold' } : undefined) }

function render(source: string, of: ConversationEvent = event): string {
  const result = compile(source)
  assert.ok(result.kind === 'ok', JSON.stringify(result))
  return result.template.render(contextOf(of), facts)
}

for (const [source, expected] of [
  ['', ''],
  ['gold', 'gold'],
  ['${event.mediaType}', 'voice'],
  ['a ${event.mediaType} b ${event.mediaType}', 'a voice b voice'],
  ['${event.mediaType}${event.mediaType}', 'voicevoice'],
  ['${ event.mediaType }', 'voice'],
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
  ['${event.mediaType == "voice"}', 'true'],
  ['${event.occurredAt}', '2026-02-03T10:15:30.250Z'],
  ['${event.mediaType == "voice" ? "phone" : "other"}', 'phone'],
  ['${r"}"}', '}'],
  ['${r"\\"}"}', '\\"}'],
  ["${R'{'}", '{'],
  ['${"""}"}"""}', '}"}'],
  ["${'''it's }'''}", "it's }"],
  ['${"""\n}"""}', '\n}'],
  ['${1 // }\n}', '1'],
  ['${1 // it\'s "\n + 1}', '2'],
  ['${"//"}//', '////'],
  ['${{"a": {"b": "c"}}.a.b}', 'c'],
  ['${[{"}": "x"}][0]["}"]}', 'x'],
  ['${lookup("tiers", "a").tier}/${lookup("tiers", "b").tier}', 'gold/'],
  ['${default(event.queueId, "none")}', 'none'],
  ['${event.?queueId.orValue("none")}', 'none'],
] as const) {
  test(`${JSON.stringify(source)} becomes ${JSON.stringify(expected)}`, () => {
    assert.equal(render(source), expected)
  })
}

for (const [source, offset] of [
  ['${', 2],
  ['a ${event.id', 2],
  ['a ${event.id $$', 13],
  ['${"}', 2],
  ['${}', 2],
  ['ab ${ } cd', 5],
  ['${1 // }', 0],
  ['${r"}', 3],
  ['${(event.id}', 11],
  ['${event.id ==}', 13],
  ['a ${event.id} ${event.id = "x"} b', 25],
  ['${event.id "x} and "more"}', 11],
  ['${event.?id}', 2],
  ['${event.id.matches("(")}', 19],
  ['${lookup("teirs", "a").tier}', 9],
  ['ab ${evnt.id}', 5],
  ['${event.id} ${evnt.id}', 14],
  ['${[1]}', 2],
  ['${null}', 2],
  ['${b"x"}', 2],
  ['${event.attributes}', 2],
  ['${event}', 2],
] as const) {
  test(`${JSON.stringify(source)} is refused, at ${offset}`, () => {
    const result = compile(source)
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
  test(`${source} throws for this event: its value has no text form`, () => {
    assert.throws(() => render(source))
  })
}

test('invalid templates are explained', () => {
  for (const [source, message] of [
    ['a ${event.id', '${ has no closing }; write $${ for a literal ${'],
    ['${}', '${} is empty: write an expression between the braces'],
    ['${[1]}', 'an attribute value is text, but this gives a list'],
    ['${event.attributes}', 'an attribute value is text, but this gives a map'],
    ['${event}', 'an attribute value is text, but this gives all of event'],
    [
      '${event.?id}',
      'an attribute value is text, but this gives a value that may be missing: add .orValue("…")',
    ],
    ['${event.id = "x"} greets "you', 'compare with ==, !=, <= or >='],
    ['${"it} is', 'Unterminated string'],
    ['${(event.id} (and so on)', 'Expected RPAREN, got RBRACE'],
  ] as const) {
    const result = compile(source)
    assert.ok(result.kind === 'invalid')
    assert.equal(result.message, message)
  }
})

test('a text longer than the limit of an attribute fails with too_long', () => {
  const half = 'x'.repeat(maxRenderedLength / 2)
  const of = (id: string) => conversationEvent({ id })
  assert.equal(render('${event.id}${event.id}', of(half)).length, maxRenderedLength)
  for (const [source, id] of [
    ['${event.id}${event.id}', `${half}x`],
    ['${event.id}', 'x'.repeat(1_000_000)],
    ['x${event.id}', `${half}${half}`],
  ] as const)
    assert.throws(() => render(source, of(id)), { name: 'ExpressionFailure', code: 'too_long' })
})

test('a value without a text form fails with not_text', () => {
  for (const source of ['${event.body.nothing}', '${event.body.list}', '${event.body.map}'])
    assert.throws(() => render(source), { name: 'ExpressionFailure', code: 'not_text' })
  const impossible = '${event.occurredAt + duration("999999999999h")}'
  assert.throws(() => render(impossible), { name: 'ExpressionFailure', code: 'not_text' })
})

test('a template reads the data of all its expressions', () => {
  const result = compile(
    '${lookup("tiers", "a").tier} ${lookup("tiers", event.id).tier} ${participant.attributes.a}',
  )
  assert.ok(result.kind === 'ok')
  assert.deepEqual(result.template.reads, {
    tables: ['tiers'],
    participantAttributes: true,
    comparisons: [],
    names: [],
    fields: ['lookup("tiers").tier', 'participant.attributes.a'],
    required: [
      { field: 'lookup("tiers")', offset: 2 },
      { field: 'lookup("tiers").tier', offset: 2 },
      { field: 'event.id', offset: 47 },
      { field: 'lookup("tiers")', offset: 31 },
      { field: 'lookup("tiers").tier', offset: 31 },
      { field: 'participant.attributes', offset: 65 },
      { field: 'participant.attributes.a', offset: 65 },
    ],
  })
  const plain = compile('participant.attributes')
  assert.ok(plain.kind === 'ok')
  assert.deepEqual(plain.template.reads, {
    tables: [],
    participantAttributes: false,
    comparisons: [],
    names: [],
    fields: [],
    required: [],
  })
})

test('a template can read a candidate', () => {
  assert.equal(compile('${candidate.id}').kind, 'invalid')
  assert.equal(compileTemplate('${candidate.id}', expressions, 'candidate').kind, 'ok')
})

test('property: compileTemplate accepts or refuses any text and never throws', () => {
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
      const result = compile(source)
      if (result.kind === 'invalid') {
        assert.ok(result.offset >= 0 && result.offset <= source.length)
        assert.notEqual(result.message, '')
      }
    }),
    { numRuns: rounds(600) },
  )
})

test('property: a text with $${ for each ${ renders as the original', () => {
  const text = fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', '"', '\n', 'é', '😀') })
  fc.assert(
    fc.property(text, (original) => {
      assert.equal(render(original.split('${').join('$${')), original)
    }),
    { numRuns: rounds(300) },
  )
})

/** A CEL string literal with this kind of quotes; undefined if the text cannot be written with them. */
const quote = (text: string, kind: string): string | undefined => {
  if (kind === '"') return JSON.stringify(text)
  if (kind === "'")
    return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  // In raw strings too, the library lets a backslash escape the next character, and returns both.
  const plain = kind.startsWith('r') ? !/[\\"]/.test(text) : !text.includes('\\') && !/""|"$/.test(text)
  const fits = plain && (kind !== 'r"' || !/[\r\n]/.test(text))
  return fits ? `${kind}${text}${kind.replace('r', '')}` : undefined
}

test('property: any string literal renders as its value, with any kind of quotes', () => {
  const content = fc.string({
    unit: fc.constantFrom('}', '{', '$', '"', "'", '\\', '/', '\n', '\r', 'x', 'é', '😀', '\u2028'),
    maxLength: 12,
  })
  const kinds = ['"', "'", '"""', 'r"', 'r"""']
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(content, fc.constantFrom(...kinds), content, (text, kind, around) => {
      const written = quote(text, kind)
      fc.pre(written !== undefined)
      seen.set(kind, (seen.get(kind) ?? 0) + 1)
      const literal = around.split('${').join('$${').replace(/\$+$/, '')
      assert.equal(
        render(`${literal}\${${written}}${literal}`),
        `${around.replace(/\$+$/, '')}${text}${around.replace(/\$+$/, '')}`,
      )
    }),
    { numRuns: rounds(900) },
  )
  for (const kind of kinds) assert.ok((seen.get(kind) ?? 0) > 20, kind)
})

test('property: texts and expressions keep their order', () => {
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
    { numRuns: rounds(300) },
  )
})
