import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConversationEvent, Participant } from '../../src/event.ts'
import { eventTypes } from '../../src/event.ts'
import { priorities } from '../../src/inbox/inbox.ts'
import { conversationEvent } from '../helpers/events.ts'
import { rounds } from '../helpers/rounds.ts'
import { attributesIn, oneRule, rulesOf } from '../helpers/rules.ts'

const decide = (text: string, event: ConversationEvent = conversationEvent()) => {
  const decision = rulesOf(text).evaluate(event)
  const { matched, undecided } = decision
  return { attributes: attributesIn(decision), matched, undecided }
}

test('a rule without a condition applies to every event it listens to', () => {
  assert.deepEqual(decide(oneRule('on: [conversation:created], set: { tier: gold }')), {
    attributes: { tier: 'gold' },
    matched: ['only'],
    undecided: [],
  })
})

test('a rule applies only if its condition is true', () => {
  const rule = (purpose: string) =>
    oneRule(`on: [conversation:created], when: participant.purpose == "${purpose}", set: { tier: gold }`)
  assert.deepEqual(decide(rule('customer')).matched, ['only'])
  assert.deepEqual(decide(rule('agent')), { attributes: {}, matched: [], undecided: [] })
})

test('a stored event of an earlier version with upper-case values matches lower-case rules', () => {
  const event = conversationEvent({ mediaType: 'VOICE', direction: 'INBOUND' })
  const when = 'event.mediaType == "voice" && event.direction == "inbound"'
  assert.deepEqual(
    decide(oneRule(`on: [conversation:created], when: '${when}', set: { a: b }`), event).matched,
    ['only'],
  )
})

for (const [when, applies] of [
  ['true', true],
  ['false', false],
  ['event.body.yes', true],
  ['event.body.no', false],
  ['event.body.one', false],
  ['event.body.text', false],
  ['event.body.nothing', false],
] as const) {
  test(`a condition must be exactly true: ${when} ${applies ? 'applies' : 'does not apply'}`, () => {
    const event = conversationEvent({ body: { yes: true, no: false, one: 1, text: 'true', nothing: null } })
    const { attributes } = decide(oneRule(`on: [conversation:created], when: ${when}, set: { a: b }`), event)
    assert.deepEqual(attributes, applies ? { a: 'b' } : {})
  })
}

for (const [written, expected] of [
  ['true', 'true'],
  ['False', 'false'],
  ['123', '123'],
  ['007', '007'],
  ['1.50', '1.50'],
  ['1e3', '1e3'],
  ['0x1F', '0x1F'],
  ['-0', '-0'],
  ['12345678901234567890', '12345678901234567890'],
  ['"true"', 'true'],
  ['"007"', '007'],
  ['""', ''],
  ['yes', 'yes'],
  ['2026-01-31', '2026-01-31'],
  ["'it''s'", "it's"],
] as const) {
  test(`the value ${written} is sent as ${JSON.stringify(expected)}`, () => {
    const { attributes } = decide(oneRule(`on: [conversation:created], set: { a: ${written} }`))
    assert.deepEqual(attributes, { a: expected })
  })
}

test('all matching rules apply, and the last rule in the file wins for an attribute', () => {
  const decision = decide(`
version: 1
rules:
  - { name: first, on: [conversation:created], set: { tier: gold, first: "1" } }
  - { name: never, on: [conversation:created], when: false, set: { tier: none } }
  - { name: last, on: [conversation:created], set: { tier: platinum } }
  - { name: elsewhere, on: [conversation:updated], set: { tier: other } }
`)
  assert.deepEqual(decision.attributes, { tier: 'platinum', first: '1' })
  assert.deepEqual(decision.matched, ['first', 'last'])
})

test('a rule may listen by type, by topic or by both, and applies once, in file order', () => {
  const text = `
version: 1
rules:
  - { name: topic, on: customer.start, set: { a: topic } }
  - { name: both, on: [conversation:created, customer.start], set: { b: both } }
  - { name: type, on: [conversation:created], set: { a: type } }
`
  const { attributes, matched } = decide(text, conversationEvent({ topic: 'customer.start' }))
  assert.deepEqual(matched, ['topic', 'both', 'type'])
  assert.deepEqual(attributes, { a: 'type', b: 'both' })
  assert.deepEqual(decide(text, conversationEvent({ topic: 'another' })).matched, ['both', 'type'])
  assert.deepEqual(
    decide(text, conversationEvent({ type: 'conversation:updated', topic: 'customer.start' })).matched,
    ['topic', 'both'],
  )
})

test('a rule without its data is undecided with a code, and the other rules apply', () => {
  const decision = decide(`
version: 1
rules:
  - { name: condition, on: [conversation:created], when: event.queueId == "q", set: { a: b } }
  - { name: value, on: [conversation:created], set: { b: "\${event.body.absent}" } }
  - { name: fine, on: [conversation:created], set: { c: d } }
`)
  assert.deepEqual(decision, {
    attributes: { c: 'd' },
    matched: ['fine'],
    undecided: [
      { rule: 'condition', code: 'no_such_key', missing: ['event.queueId'] },
      { rule: 'value', code: 'no_such_key', missing: ['event.body.absent'] },
    ],
  })
})

test('a rule sets no value if one of its values fails', () => {
  const rule = oneRule('on: [conversation:created], set: { a: "1", b: "${event.body.absent}", c: "3" }')
  assert.deepEqual(decide(rule).attributes, {})
})

test('data of an unexpected type makes a rule undecided, without an error', () => {
  const event = conversationEvent({ body: { amount: 'much' } })
  const { undecided } = decide(
    oneRule('on: [conversation:created], when: event.body.amount > 5, set: { a: b }'),
    event,
  )
  assert.deepEqual(undecided, [{ rule: 'only', code: 'no_such_overload', unusable: ['event.body.amount'] }])
})

test('attributes may have any name', () => {
  const names = ['Case Number', 'context.email', 'toString', 'constructor', 'ümlaut', '1']
  const set = names.map((name) => `${JSON.stringify(name)}: v`).join(', ')
  assert.deepEqual(
    Object.keys(decide(oneRule(`on: [conversation:created], set: { ${set} }`)).attributes).sort(),
    names.sort(),
  )
})

test('subscribes() depends on type and topic only', () => {
  const rules = rulesOf(oneRule('on: [customer.start, conversation:updated], when: false, set: { a: b }'))
  assert.ok(rules.subscribes(conversationEvent({ topic: 'customer.start' })))
  assert.ok(rules.subscribes(conversationEvent({ type: 'conversation:updated' })))
  assert.ok(!rules.subscribes(conversationEvent()))
  assert.ok(!rules.subscribes(conversationEvent({ topic: 'customer.end' })))
  assert.ok(!rules.subscribes(conversationEvent({ topic: 'constructor' })))
})

test('on accepts types and topics in any letter case', () => {
  const rules = rulesOf(
    oneRule('on: [Customer.Start, USERS.conversations.*, Conversation:Created], set: { a: b }'),
  )
  assert.ok(rules.subscribes(conversationEvent({ topic: 'customer.start', type: 'conversation:updated' })))
  assert.ok(
    rules.subscribes(
      conversationEvent({ topic: 'users.conversations.cobrowsesessions', type: 'conversation:updated' }),
    ),
  )
  assert.ok(rules.subscribes(conversationEvent({ type: 'conversation:created' })))
})

test('the priority of an event is the highest of the rules that listen, normal by default', () => {
  const rules = rulesOf(`
version: 1
rules:
  - { name: low, on: [conversation:created], priority: low, set: { a: b } }
  - { name: high, on: [customer.start], priority: high, when: false, set: { a: b } }
  - { name: normal, on: [acw], set: { a: b } }
`)
  assert.equal(rules.priorityOf(conversationEvent()), priorities.low)
  assert.equal(rules.priorityOf(conversationEvent({ topic: 'customer.start' })), priorities.high)
  assert.equal(rules.priorityOf(conversationEvent({ topic: 'acw' })), priorities.normal)
})

test('evaluation does not change the event and is repeatable', () => {
  const event = conversationEvent({ attributes: { tier: 'gold' }, body: { list: [{ a: 1 }] } })
  const before = structuredClone(event)
  const rules = rulesOf(oneRule('on: [conversation:created], set: { a: "${event.body.list[0].a}" }'))
  assert.deepEqual(rules.evaluate(event), rules.evaluate(event))
  assert.deepEqual(event, before)
})

test('property: evaluation never throws and returns only strings, for any event', () => {
  const rules = rulesOf(`
version: 1
rules:
  - { name: always, on: [conversation:created, conversation:updated, t], set: { always: "1" } }
  - { name: texts, on: [conversation:created], set: { a: "\${event.mediaType}\${participant.address}" } }
  - { name: body, on: [conversation:created], when: event.body.a == event.body.b, set: { b: "\${event.body.a}" } }
  - { name: deep, on: [conversation:updated], when: event.body.a.b.c > 5, set: { c: "\${event.body.a.b}" } }
  - { name: list, on: [conversation:updated], when: 'event.body.a.exists(x, x == 1)', set: { d: "\${size(event.body.a)}" } }
  - { name: time, on: [conversation:created], when: 'event.occurredAt > timestamp("2026-01-01T00:00:00Z")', set: { e: "\${event.occurredAt}" } }
  - { name: map, on: [conversation:updated], when: '"a" in event.attributes || participant.attributes["a"] == "x"', set: { f: "\${event.attributes.a}" } }
  - { name: convert, on: [conversation:created], set: { g: "\${int(event.body.a)}", h: "\${string(event.body.b)}", i: "\${double(event.id)}" } }
  - { name: index, on: [conversation:updated], set: { j: "\${event.body.a[0]}", k: "\${event.body.b[0]}" } }
  - { name: divide, on: [conversation:updated], set: { l: "\${1 / size(event.attributes)}" } }
`)
  const text = fc.option(fc.string({ maxLength: 10 }), { nil: undefined })
  const attributes = fc.option(fc.dictionary(fc.oneof(fc.constant('a'), fc.string()), fc.string()), {
    nil: undefined,
  })
  const participant = fc.record({ purpose: text, address: text, attributes }, { requiredKeys: [] })
  const number = fc.integer({ min: 0, max: 10 })
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record({
      a: fc.oneof(
        fc.jsonValue(),
        number,
        fc.array(number),
        fc.record({ b: fc.oneof(fc.jsonValue(), fc.record({ c: number })) }),
      ),
      b: fc.oneof(fc.jsonValue(), number),
    }),
  )
  const anyEvent = fc.record({
    type: fc.constantFrom(...eventTypes),
    topic: fc.option(fc.constantFrom('t', 'constructor', '__proto__'), { nil: undefined }),
    id: text,
    occurredAt: fc.option(fc.integer({ min: 0, max: 8.64e15 }), { nil: undefined }),
    mediaType: text,
    attributes,
    participant,
    body,
  })
  const matches = new Map<string, number>()
  fc.assert(
    fc.property(anyEvent, ({ participant, ...fields }) => {
      const kept = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
      const event = { ...conversationEvent({ participant: participant as Participant }), ...kept }
      const decision = rules.evaluate(event)
      for (const value of Object.values(attributesIn(decision))) assert.equal(typeof value, 'string')
      assert.equal(attributesIn(decision).always, '1')
      for (const { code } of decision.undecided) assert.match(code, /^[a-z_]+$/)
      for (const name of decision.matched) matches.set(name, (matches.get(name) ?? 0) + 1)
    }),
    { numRuns: rounds(600) },
  )
  assert.ok(matches.size >= 7, `only these rules ever matched: ${[...matches.keys()]}`)
})
