import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mapped } from '../../../src/rules/mappings/map-item.ts'
import { mappingRules, rulesOf } from '../../helpers/rules.ts'

/** What one mapping makes of an item; `mapping` holds its keys but for the name, as lines of YAML. */
function mappedBy(mapping: readonly string[], item: Record<string, unknown>): Mapped | undefined {
  const { mapItem } = rulesOf(mappingRules(mapping))
  assert.ok(mapItem !== undefined)
  return mapItem(item)
}

const fieldsOf = (lines: readonly string[], item: Record<string, unknown>): unknown => {
  const mapped = mappedBy(
    ['when: true', 'type: conversation:created', 'conversationId: ${body.c}', ...lines],
    item,
  )
  assert.ok(mapped?.kind === 'fields', JSON.stringify(mapped))
  const { type: _, conversationId: __, ...fields } = mapped.fields
  return fields
}

test('rules without mappings map nothing, and cost nothing', () => {
  assert.equal(rulesOf('version: 1\nrules: []\n').mapItem, undefined)
  assert.equal(rulesOf('version: 1\nmappings: []\nrules: []\n').mapItem, undefined)
})

test('the first mapping that fits counts', () => {
  const { mapItem } = rulesOf(
    mappingRules(
      ['when: body.kind == "a"', 'type: conversation:created', 'conversationId: ${body.c}'],
      ['when: has(body.kind)', 'type: conversation:updated', 'conversationId: ${body.c}'],
    ),
  )
  const typeOf = (item: Record<string, unknown>) => {
    const mapped = mapItem?.({ c: 'c1', ...item })
    return mapped?.kind === 'fields' ? mapped.fields.type : mapped?.kind
  }
  assert.equal(typeOf({ kind: 'a' }), 'conversation:created')
  assert.equal(typeOf({ kind: 'b' }), 'conversation:updated')
  assert.equal(typeOf({}), undefined)
})

type Item = Readonly<Record<string, unknown>>

const readings: readonly (readonly [what: string, lines: readonly string[], item: Item, fields: Item])[] = [
  ['text with parts', ['topic: relay.${body.k}'], { k: 'call' }, { topic: 'relay.call' }],
  ['a number as text', ['queueId: ${body.q}', 'userId: 007'], { q: 12 }, { queueId: '12', userId: '007' }],
  ['a truth value as text', ['mediaType: ${body.m}'], { m: true }, { mediaType: 'true' }],
  ['a missing field is left out', ['queueId: ${body.x.y}'], {}, {}],
  ['a text of which a part is missing is left out', ['queueId: q-${body.x}'], {}, {}],
  ['null is left out', ['queueId: ${body.q}'], { q: null }, {}],
  ['an empty text is left out', ['participantId: ${body.p}', 'occurredAt: ${body.p}'], { p: '' }, {}],
  ['an empty map is left out of attributes that are none', ['attributes: ${body.a}'], { a: '' }, {}],
  ['a time keeps its form', ['occurredAt: ${body.t}'], { t: 5 }, { occurredAt: 5 }],
  [
    'a time of text',
    ['occurredAt: ${body.d}T${body.t}Z'],
    { d: '2026-01-05', t: '09:00' },
    { occurredAt: '2026-01-05T09:00Z' },
  ],
  ['a time worked out', ['occurredAt: ${int(body.t) * 1000}'], { t: '5' }, { occurredAt: 5_000 }],
  ['a timestamp', ['occurredAt: ${timestamp(body.t)}'], { t: '1970-01-01T00:00:05Z' }, { occurredAt: 5_000 }],
  [
    'a map of attributes',
    ['attributes: ${body.a}'],
    { a: { x: 1, y: null } },
    { attributes: { x: 1, y: null } },
  ],
  [
    'a map with a name that JavaScript has',
    ['attributes: ${body.a}'],
    { a: { constructor: 'x' } },
    { attributes: { constructor: 'x' } },
  ],
  [
    'attributes one by one; an empty one is blank',
    ['attributes: { a: "${body.a}", b: "${body.b}", c: 1 }'],
    { a: '' },
    { attributes: { a: '', c: '1' } },
  ],
  [
    'the participant',
    ['participant: { purpose: customer, attributes: { t: "${body.t}" } }'],
    { t: 'x' },
    { participant: { purpose: 'customer', attributes: { t: 'x' } } },
  ],
  ['a participant of whom nothing is there', ['participant: { ani: "${body.x}" }'], {}, {}],
]
for (const [what, lines, item, expected] of readings) {
  test(`fields: ${what}`, () => {
    assert.deepEqual(fieldsOf(lines, { c: 'c1', ...item }), expected)
  })
}

for (const [what, lines, item, path, message] of [
  [
    'a needed field that is missing',
    ['type: conversation:created', 'conversationId: ${body.c.id}'],
    {},
    'conversationId',
    'is missing: mapping "m0" takes it from ${body.c.id}, and the item has nothing there',
  ],
  [
    'a needed field that is empty',
    ['type: ${body.t}', 'conversationId: ${body.c}'],
    { t: '', c: 'c1' },
    'type',
    'is missing: mapping "m0" takes it from ${body.t}, and the item has nothing there',
  ],
  [
    'a list where text is needed',
    ['type: conversation:created', 'conversationId: ${body.c}'],
    { c: [] },
    'conversationId',
    'cannot be told: mapping "m0" takes it from ${body.c}, and a value cannot be written as text (not_text)',
  ],
] as const) {
  test(`refused: ${what}`, () => {
    const mapped = mappedBy(['when: true', ...lines], item)
    assert.ok(mapped?.kind === 'failed', JSON.stringify(mapped))
    const [problem, ...others] = mapped.problems
    assert.deepEqual([problem?.path, others], [path, []])
    if (typeof message === 'string') assert.equal(problem?.message, message)
    else assert.match(problem?.message ?? '', message)
  })
}

test('the expression that a message shows is one line, and not without end', () => {
  const mapped = mappedBy(
    ['when: true', 'type: conversation:created', `conversationId: "\${body.x ==\\n ${'1 + '.repeat(60)}1}"`],
    {},
  )
  assert.ok(mapped?.kind === 'failed')
  assert.match(mapped.problems[0]?.message ?? '', /takes it from \$\{body\.x == 1 \+ .{90,110}…, and/)
})

test('an item may cost what one expression may, whatever it holds, and its mappings are many', () => {
  const squared = 'body.l.exists(x, body.l.exists(y, x + y == "z"))'
  const { mapItem } = rulesOf(
    mappingRules(
      ['when: has(body.m)', `type: '\${${squared} ? "a" : "b"}'`, 'conversationId: ${body.c}'],
      ...Array.from({ length: 20 }, () => [
        `when: ${squared}`,
        'type: conversation:created',
        'conversationId: ${body.c}',
      ]),
    ),
  )
  const l = Array.from({ length: 2_000 }, (_, n) => `element ${n}`)
  const began = performance.now()
  const all = [mapItem?.({ l }), mapItem?.({ l, m: 1 })]
  assert.ok(performance.now() - began < 3_000)
  const [condition, field] = all.map((mapped) => (mapped?.kind === 'failed' ? mapped.problems[0] : undefined))
  assert.deepEqual(condition, {
    path: '',
    message: 'mapping "m1" cannot be tried: the evaluation needs too many steps (too_costly)',
  })
  assert.equal(field?.path, 'type')
  assert.match(field?.message ?? '', /the evaluation needs too many steps \(too_costly\)$/)
  // The next item has a budget of its own.
  assert.equal(mapItem?.({ l: [] }), undefined)
})

test('an event that the item holds as JSON text is read by json()', () => {
  const mapping = [
    'when: \'json(body.Message).kind == "call"\'',
    'type: conversation:created',
    'conversationId: ${json(body.Message).call.id}',
    'queueId: ${json(body.Message).queue}',
    'attributes: ${json(body.Message).data}',
  ]
  const Message = JSON.stringify({ kind: 'call', call: { id: 'c1' }, data: { tier: 'gold', score: 9 } })
  const mapped = mappedBy(mapping, { Message })
  assert.ok(mapped?.kind === 'fields')
  assert.deepEqual(mapped.fields, {
    type: 'conversation:created',
    conversationId: 'c1',
    attributes: { tier: 'gold', score: 9 },
  })
  // In a condition, text that is not JSON is like a field that is missing.
  for (const Message of ['{"kind":"call"', '', 5, null, { kind: 'call' }])
    assert.equal(mappedBy(mapping, { Message }), undefined)
})

test('text that is not JSON fails the mapping by field and reason, without the text', () => {
  const mapping = [
    'when: has(body.Message)',
    'type: conversation:created',
    'conversationId: ${json(body.Message).id}',
  ]
  for (const [Message, reason] of [
    ['secret', 'a text is not valid JSON (invalid_json)'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'a JSON text is nested too deeply (too_deep)'],
    [`"${'x'.repeat(262_144)}"`, 'a text is too long (too_long)'],
    [7, 'a value has the wrong type (no_matching_overload)'],
  ] as const)
    assert.deepEqual(mappedBy(mapping, { Message }), {
      kind: 'failed',
      mapping: 'm0',
      problems: [
        {
          path: 'conversationId',
          message: `cannot be told: mapping "m0" takes it from \${json(body.Message).id}, and ${reason}`,
        },
      ],
    })
})

for (const [what, line, item] of [
  ['a value of another type', 'queueId: ${body.q.trim()}', { q: 5 }],
  ['a text without end', 'queueId: ${body.q}${body.q}', { q: 'x'.repeat(20_000) }],
  ['an object', 'participant: { address: "${body.q}" }', { q: { a: 1 } }],
] as const) {
  test(`an optional field that cannot be read is absent, and reported as odd: ${what}`, () => {
    const mapped = mappedBy(['when: true', 'type: conversation:created', 'conversationId: ${body.c}', line], {
      c: 'c1',
      ...item,
    })
    assert.ok(mapped?.kind === 'fields', JSON.stringify(mapped))
    assert.deepEqual(mapped.fields, { type: 'conversation:created', conversationId: 'c1' })
    assert.equal(mapped.odd.length, 1)
  })
}
