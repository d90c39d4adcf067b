import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contextOf, plainData } from '../../src/cel/context.ts'
import { conversationEvent } from '../helpers/events.ts'
import { evaluated, failureOf } from '../helpers/expressions.ts'

test('the body is converted once, on the first read', () => {
  const event = conversationEvent({ body: JSON.parse('{"constructor":1}') })
  const context = contextOf(event)
  const { body } = context.event
  assert.ok(body instanceof Map)
  assert.equal(context.event.body, body)
})

const nasty = JSON.parse(
  '{"constructor":"c","toString":"t","__proto__":"p","hasOwnProperty":"h","plain":"x"}',
)

for (const [name, event] of [
  ['event.body', conversationEvent({ body: nasty })],
  ['event.body.deep[0]', conversationEvent({ body: { deep: [nasty] } })],
  ['event.attributes', conversationEvent({ attributes: nasty })],
  ['participant.attributes', conversationEvent({ participant: { attributes: nasty } })],
] as const) {
  test(`names of JavaScript properties are ordinary keys in ${name}`, () => {
    for (const [key, value] of Object.entries(nasty)) {
      assert.equal(evaluated(`${name}.${key}`, { event }), value)
      assert.equal(evaluated(`${name}["${key}"]`, { event }), value)
      assert.equal(evaluated(`"${key}" in ${name}`, { event }), true)
    }
    assert.equal(evaluated(`size(${name})`, { event }), 5n)
  })
}

for (const [name, event] of [
  ['event.body', conversationEvent({ body: { plain: 'x' } })],
  ['event.attributes', conversationEvent({ attributes: { plain: 'x' } })],
  ['participant.attributes', conversationEvent({ participant: { attributes: { plain: 'x' } } })],
] as const) {
  test(`inherited JavaScript properties are missing in ${name}`, () => {
    for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']) {
      assert.equal(failureOf(`${name}.${key}`, { event }), 'no_such_key')
      assert.equal(failureOf(`${name}["${key}"]`, { event }), 'no_such_key')
      assert.equal(evaluated(`"${key}" in ${name}`, { event }), false)
      assert.equal(evaluated(`${name}.?${key}.hasValue()`, { event }), false)
      assert.equal(evaluated(`default(${name}.${key}, "none")`, { event }), 'none')
    }
  })
}

test('a __proto__ key does not change the fields of a participant', () => {
  const participant = JSON.parse('{"purpose":"customer","__proto__":{"purpose":"agent","constructor":1}}')
  assert.equal(evaluated('participant.purpose', { event: conversationEvent({ participant }) }), 'customer')
})

test('an expression can read the candidate and the event', () => {
  const candidate = {
    id: 'p2',
    purpose: 'agent',
    name: 'Ann',
    connected: true,
    ended: false,
    connectedTime: Date.parse('2026-01-05T09:00:00Z'),
    attributes: { team: 'north' },
  }
  for (const [source, expected] of [
    ['candidate.id + candidate.purpose + candidate.name', 'p2agentAnn'],
    ['candidate.connected && !candidate.ended', true],
    ['candidate.connectedTime > timestamp("2026-01-01T00:00:00Z")', true],
    ['has(candidate.endTime)', false],
    ['candidate.attributes.team', 'north'],
    ['candidate.id != event.participantId && participant.purpose == "customer"', true],
    ['has(candidate.address) || has(candidate.ani) || has(candidate.dnis)', false],
    [
      'has(candidate.externalContactId) || has(candidate.externalId) || has(candidate.userId) || has(candidate.queueId)',
      false,
    ],
  ] as const) {
    assert.equal(evaluated(source, { candidate }), expected, source)
  }
})

test('data without a constructor key is returned unchanged', () => {
  const data = JSON.parse('{"a":[1,"x",null,{"b":true}],"__proto__":{"c":1},"toString":2}')
  const before = structuredClone(data)
  assert.equal(plainData(data), data)
  assert.deepEqual(data, before)
  for (const value of [undefined, null, 1, 'x', true]) assert.equal(plainData(value), value)
})

test('a constructor key turns all objects of a copy into Maps and leaves the original unchanged', () => {
  const data = JSON.parse('{"a":[{"constructor":null,"b":1}],"c":[2]}')
  const before = structuredClone(data)
  assert.deepEqual(
    plainData(data),
    new Map<string, unknown>([
      [
        'a',
        [
          new Map([
            ['constructor', null],
            ['b', 1],
          ]),
        ],
      ],
      ['c', [2]],
    ]),
  )
  assert.deepEqual(data, before)
})

test('values nested too deeply are removed without a stack overflow', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep = plainData(JSON.parse(`${open.repeat(50_000)}1${close.repeat(50_000)}`))
    let depth = 0
    for (let value: unknown = deep; typeof value === 'object' && value !== null; depth += 1)
      value = value instanceof Map ? value.get('a') : Array.isArray(value) ? value[0] : undefined
    assert.ok(depth > 50 && depth < 200, String(depth))
  }
})

test('property: no object of the result has an own constructor key', () => {
  const key = fc.oneof(fc.constantFrom('constructor', '__proto__', 'a'), fc.string())
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
    ),
  }))
  const sound = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return true
    if (value instanceof Map) return [...value.values()].every(sound)
    return !Object.hasOwn(value, 'constructor') && Object.values(value).every(sound)
  }
  fc.assert(fc.property(tree, (data) => assert.ok(sound(plainData(data)))))
})
