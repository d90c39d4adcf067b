import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mapped } from '../../../src/rules/mappings/map-item.ts'
import { mappingRules, rulesOf } from '../../helpers/rules.ts'

/** Maps an item with one mapping; `mapping` has its keys except the name, as lines of YAML. */
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

test('rules without mappings have no mapItem', () => {
  assert.equal(rulesOf('version: 1\nrules: []\n').mapItem, undefined)
  assert.equal(rulesOf('version: 1\nmappings: []\nrules: []\n').mapItem, undefined)
})

test('the first matching mapping is used', () => {
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
  ['a boolean as text', ['mediaType: ${body.m}'], { m: true }, { mediaType: 'true' }],
  ['a missing field is absent', ['queueId: ${body.x.y}'], {}, {}],
  ['a text with a missing part is absent', ['queueId: q-${body.x}'], {}, {}],
  ['null is absent', ['queueId: ${body.q}'], { q: null }, {}],
  ['an empty text is absent', ['participantId: ${body.p}', 'occurredAt: ${body.p}'], { p: '' }, {}],
  ['empty text instead of a map of attributes is absent', ['attributes: ${body.a}'], { a: '' }, {}],
  ['a time keeps its form', ['occurredAt: ${body.t}'], { t: 5 }, { occurredAt: 5 }],
  [
    'a time as text',
    ['occurredAt: ${body.d}T${body.t}Z'],
    { d: '2026-01-05', t: '09:00' },
    { occurredAt: '2026-01-05T09:00Z' },
  ],
  ['a calculated time', ['occurredAt: ${int(body.t) * 1000}'], { t: '5' }, { occurredAt: 5_000 }],
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
  ['a participant without any value', ['participant: { ani: "${body.x}" }'], {}, {}],
]
for (const [what, lines, item, expected] of readings) {
  test(`fields: ${what}`, () => {
    assert.deepEqual(fieldsOf(lines, { c: 'c1', ...item }), expected)
  })
}

for (const [what, lines, item, path, message] of [
  [
    'a missing required field',
    ['type: conversation:created', 'conversationId: ${body.c.id}'],
    {},
    'conversationId',
    'is missing: mapping "m0" reads it from ${body.c.id}, but the item has no value there',
  ],
  [
    'an empty required field',
    ['type: ${body.t}', 'conversationId: ${body.c}'],
    { t: '', c: 'c1' },
    'type',
    'is missing: mapping "m0" reads it from ${body.t}, but the item has no value there',
  ],
  [
    'a list where text is needed',
    ['type: conversation:created', 'conversationId: ${body.c}'],
    { c: [] },
    'conversationId',
    'cannot be read: mapping "m0" reads it from ${body.c}, and a value cannot be written as text (not_text)',
  ],
] as const) {
  test(`the item is invalid: ${what}`, () => {
    const mapped = mappedBy(['when: true', ...lines], item)
    assert.ok(mapped?.kind === 'failed', JSON.stringify(mapped))
    const [problem, ...others] = mapped.problems
    assert.deepEqual([problem?.path, others], [path, []])
    if (typeof message === 'string') assert.equal(problem?.message, message)
    else assert.match(problem?.message ?? '', message)
  })
}

test('a message shows an expression in one line and shortened', () => {
  const mapped = mappedBy(
    ['when: true', 'type: conversation:created', `conversationId: "\${body.x ==\\n ${'1 + '.repeat(60)}1}"`],
    {},
  )
  assert.ok(mapped?.kind === 'failed')
  assert.match(mapped.problems[0]?.message ?? '', /reads it from \$\{body\.x == 1 \+ .{90,110}…, but/)
})

test('all mappings of an item together have the budget of one expression', () => {
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
    message: 'mapping "m1" cannot be evaluated: the evaluation needs too many steps (too_costly)',
  })
  assert.equal(field?.path, 'type')
  assert.match(field?.message ?? '', /the evaluation needs too many steps \(too_costly\)$/)
  // The next item has its own budget.
  assert.equal(mapItem?.({ l: [] }), undefined)
})

test('json() reads an event from JSON text in the item', () => {
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
  // In a condition, invalid JSON text counts as false, like a missing field.
  for (const Message of ['{"kind":"call"', '', 5, null, { kind: 'call' }])
    assert.equal(mappedBy(mapping, { Message }), undefined)
})

test('invalid JSON text is reported with field and reason, without the text', () => {
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
          message: `cannot be read: mapping "m0" reads it from \${json(body.Message).id}, and ${reason}`,
        },
      ],
    })
})

for (const [what, line, item] of [
  ['a value of another type', 'queueId: ${body.q.trim()}', { q: 5 }],
  ['a text without end', 'queueId: ${body.q}${body.q}', { q: 'x'.repeat(20_000) }],
  ['an object', 'participant: { address: "${body.q}" }', { q: { a: 1 } }],
] as const) {
  test(`an optional field that fails is absent and reported as odd: ${what}`, () => {
    const mapped = mappedBy(['when: true', 'type: conversation:created', 'conversationId: ${body.c}', line], {
      c: 'c1',
      ...item,
    })
    assert.ok(mapped?.kind === 'fields', JSON.stringify(mapped))
    assert.deepEqual(mapped.fields, { type: 'conversation:created', conversationId: 'c1' })
    assert.equal(mapped.odd.length, 1)
  })
}
