import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversationEvent } from '../helpers/events.ts'
import { rulesOf } from '../helpers/rules.ts'

const event = conversationEvent({
  participant: { purpose: 'customer' },
  body: { score: 'high', order: { id: 1 } },
})

for (const [name, when, reason] of [
  ['event.userId', 'name == "x"', { code: 'no_such_key', missing: ['event.userId'] }],
  [
    'event.userId',
    'event.type != "" && name.upper() == "X"',
    { code: 'no_such_key', missing: ['event.userId'] },
  ],
  // The event has no attributes at all.
  [
    'participant.attributes.tier',
    'name == "gold"',
    { code: 'no_such_key', missing: ['participant.attributes.tier'] },
  ],
  ['event.body.order', 'name.total == 1', { code: 'no_such_key', missing: ['name.total'] }],
  ['event.body.score', 'name > 5', { code: 'no_such_overload', unusable: ['event.body.score'] }],
  ['json(event.body.score)', 'name.a == 1', { code: 'invalid_json', unusable: ['event.body.score'] }],
] as const) {
  test(`with the name ${name}, ${when} reports the field that makes the rule undecided`, () => {
    const rules = rulesOf(`version: 1
let: { name: '${name}' }
rules:
  - { name: first, on: "*", when: '${when}', set: { a: x } }
  - { name: second, on: "*", let: { other: name }, when: '${when.replace('name', 'other')}', set: { b: x } }
`)
    // The second rule reads the name by way of another name, and its result is known by then.
    const second = 'missing' in reason && name === 'event.body.order' ? { missing: ['other.total'] } : {}
    assert.deepEqual(rules.evaluate(event).undecided, [
      { rule: 'first', ...reason },
      { rule: 'second', ...reason, ...second },
    ])
    const explained = rules.explain(event).rules
    for (const [index, expected] of [reason, { ...reason, ...second }].entries()) {
      const { code, missing, unusable } = explained[index] ?? {}
      assert.deepEqual({ code, ...(missing && { missing }), ...(unusable && { unusable }) }, expected)
    }
  })
}

test('a value that cannot be written as text reports the field of its name', () => {
  const rules = rulesOf(`version: 1
let: { order: event.body.order }
rules:
  - { name: only, on: "*", set: { a: "\${order}" } }
`)
  assert.deepEqual(rules.evaluate(event).undecided, [
    { rule: 'only', code: 'not_text', unusable: ['event.body.order'] },
  ])
})
