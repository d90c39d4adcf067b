import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextOf } from '../../src/cel/context.ts'
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
