import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversationEvent } from '../helpers/events.ts'
import { rulesOf } from '../helpers/rules.ts'

const caller = conversationEvent({ participant: { purpose: 'customer', address: 'tel:+1' } })

/** A million combinations, which exceed the budget. */
const loops = ['a', 'b', 'c', 'd', 'e', 'f'].reduceRight(
  (body, name) => `[0,1,2,3,4,5,6,7,8,9].all(${name}, ${body})`,
  'a + b + c + d + e + f > -1',
)

test('an expression pays for the names that it reads, and other rules are not affected', () => {
  const rules = rulesOf(`version: 1
let:
  costly: '${loops}'
  swallowed: costly || true
rules:
  - { name: a, on: "*", when: costly, set: { a: x } }
  - { name: b, on: "*", when: swallowed, set: { b: x } }
  - { name: c, on: "*", set: { c: x } }
`)
  const { matched, undecided } = rules.evaluate(caller)
  assert.deepEqual(matched, ['c'])
  assert.deepEqual(undecided, [
    { rule: 'a', code: 'too_costly' },
    { rule: 'b', code: 'too_costly' },
  ])
})

test('names that read other names several times do not multiply the work', () => {
  const doubling = Array.from({ length: 15 }, (_, at) => `  n${at + 1}: n${at} || n${at} || n${at}\n`).join(
    '',
  )
  for (const start of [`'${loops}'`, 'event.userId == "x"', 'event.type == ""']) {
    const rules = rulesOf(`version: 1
let:
  n0: ${start}
${doubling}rules:
  - { name: a, on: "*", when: n15, set: { a: x } }
`)
    const { matched } = rules.evaluate(caller)
    assert.deepEqual(matched, [])
  }
  const nested = Array.from({ length: 15 }, (_, at) => {
    const list = Array.from({ length: 100 }, () => `n${at}`).join()
    return `  n${at + 1}: '[${list}]'\n`
  }).join('')
  const rules = rulesOf(`version: 1
let:
  n0: '["a"]'
${nested}rules:
  - { name: a, on: "*", when: n15 == n15, set: { a: x } }
`)
  assert.deepEqual(rules.evaluate(caller).undecided, [{ rule: 'a', code: 'too_costly' }])
})

test('names as deep as they may be are evaluated', () => {
  const deep = (name: string): string =>
    Array.from({ length: 28 }).reduce<string>((inner) => `(${inner} + "")`, name)
  const names = Array.from({ length: 15 }, (_, at) => `  n${at + 1}: '${deep(`n${at}`)}'\n`).join('')
  const rules = rulesOf(`version: 1
let:
  n0: participant.address
${names}rules:
  - { name: a, on: "*", when: '${deep('n15')} == "tel:+1"', set: { a: x } }
`)
  assert.deepEqual(rules.evaluate(caller).matched, ['a'])
})
