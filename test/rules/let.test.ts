import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTables, type PeekResult, type TableSource } from '../../src/lookups/tables.ts'
import type { EventFacts } from '../../src/rules/decision.ts'
import { createRuleSet } from '../../src/rules/evaluate.ts'
import { compileRules } from '../../src/rules/file/compile.ts'
import { parseRulesDocument } from '../../src/rules/file/document.ts'
import { conversationEvent } from '../helpers/events.ts'
import { attributesIn, rulesOf } from '../helpers/rules.ts'

const noFacts: EventFacts = { participants: undefined, known: new Map(), at: 0 }

/** Rules with a lookup table `crm` that counts its lookups and answers as `peek` says. */
function rulesWithTable(
  text: string,
  peek: (key: string) => PeekResult,
  onError: TableSource['onError'] = 'skip',
) {
  const keys: string[] = []
  const source: TableSource = {
    columns: undefined,
    onError,
    peek: (key) => {
      keys.push(key)
      return peek(key)
    },
    fetch: async () => {},
    close: () => {},
  }
  const tables = createTables(new Map([['crm', source]]))
  const parsed = parseRulesDocument(text)
  assert.ok(parsed.kind === 'ok')
  const compiled = compileRules(parsed.document, tables.known)
  assert.deepEqual(compiled.problems, [])
  return { rules: createRuleSet(compiled, tables, 'v'), keys }
}

const caller = conversationEvent({
  participant: { purpose: 'customer', address: 'tel:+1', attributes: { tier: 'gold' } },
})
const row = (cells: Record<string, string>): PeekResult => ({ kind: 'row', row: cells })

test('when, target and set read the names of the rule and of the file', () => {
  const rules = rulesOf(`version: 1
let: { country: participant.address.substring(4, 6), customer: '"customer"' }
rules:
  - name: a
    on: "*"
    let: { isLocal: country == "+1", wanted: customer }
    when: isLocal
    target: candidate.purpose == wanted
    set: { country: "\${country}", both: "\${wanted} from \${country}" }
`)
  const participants = [
    { id: 'a1', purpose: 'agent' },
    { id: 'c1', purpose: 'customer' },
  ]
  const { changes, matched } = rules.evaluate(caller, { ...noFacts, participants })
  assert.deepEqual(matched, ['a'])
  assert.deepEqual(
    changes.map(({ participantId, attributes }) => [participantId, { ...attributes }]),
    [['c1', { country: '+1', both: 'customer from +1' }]],
  )
})

test('a name of the file is evaluated once per event, a name of a rule once per rule, an unread name never', () => {
  const { rules, keys } = rulesWithTable(
    `version: 1
let:
  all: lookup("crm", "file")
  unread: lookup("crm", "unread")
rules:
  - name: a
    on: "*"
    let: { own: lookup("crm", "a") }
    when: all.tier == "gold" && own.tier == "gold"
    set: { a: "\${all.tier} \${own.tier} \${own.tier}" }
  - name: b
    on: "*"
    let: { own: lookup("crm", "b") }
    when: own.tier == "gold" || unread.tier == "x"
    set: { b: "\${all.tier} \${own.tier}" }
`,
    () => row({ tier: 'gold' }),
  )
  assert.deepEqual(rules.evaluate(caller).matched, ['a', 'b'])
  assert.deepEqual(keys, ['file', 'a', 'b'])
  rules.evaluate(caller)
  assert.equal(keys.length, 6)
})

test('known values and the participant of the event share one result of a name', () => {
  const { rules, keys } = rulesWithTable(
    `version: 1
let: { row: lookup("crm", "k") }
rules:
  - { name: a, on: "*", when: row.tier == "gold", set: { a: x } }
  - { name: b, on: "*", when: row.tier == participant.attributes.tier, set: { b: x } }
`,
    () => row({ tier: 'gold' }),
  )
  const known = new Map([['other', { value: 'x', knownAt: 1, decidedAt: 1, sequence: 1 }]])
  assert.deepEqual(rules.evaluate(caller, { ...noFacts, known }).matched, ['a', 'b'])
  assert.deepEqual(keys, ['k'])
})

test('a name that reads participant.attributes sees known values', () => {
  const rules = rulesOf(`version: 1
let: { tier: participant.attributes.tier, all: participant }
rules:
  - { name: a, on: "*", set: { a: "\${tier}" } }
  - { name: b, on: "*", set: { b: "\${all.attributes.tier}" } }
`)
  const known = new Map([['tier', { value: 'platinum', knownAt: 1, decidedAt: 1, sequence: 1 }]])
  const set = attributesIn(rules.evaluate(caller, { ...noFacts, known }))
  assert.deepEqual(set, { a: 'platinum', b: 'platinum' })
})

test('with needs: participant, a name of the file reads the participant from the API', () => {
  const rules = rulesOf(`version: 1
let: { address: participant.address }
rules:
  - { name: a, on: "*", set: { a: "\${address}" } }
  - { name: b, on: "*", needs: participant, set: { b: "\${address}" } }
`)
  const { participantId = '' } = caller
  const facts = { ...noFacts, participants: [{ id: participantId, address: 'tel:+2' }] }
  assert.deepEqual(attributesIn(rules.evaluate(caller, facts)), { a: 'tel:+1', b: 'tel:+2' })
})

test('missing data in a name makes only the rules undecided that read it', () => {
  const rules = rulesOf(`version: 1
let: { agent: event.userId }
rules:
  - { name: reads, on: "*", set: { a: "\${agent}" } }
  - { name: by way of another name, on: "*", let: { upper: agent.upper() }, set: { a: "\${upper}" } }
  - { name: fallback, on: "*", set: { b: "\${default(agent, 'nobody')}" } }
  - { name: or, on: "*", when: agent == "x" || event.type != "", set: { c: x } }
  - { name: not reached, on: "*", when: event.type == "" && agent == "x", set: { d: x } }
  - { name: other, on: "*", set: { e: x } }
`)
  const { matched, undecided } = rules.evaluate(caller)
  assert.deepEqual(matched, ['fallback', 'or', 'other'])
  assert.deepEqual(undecided, [
    { rule: 'reads', code: 'no_such_key', missing: ['event.userId'] },
    { rule: 'by way of another name', code: 'no_such_key', missing: ['event.userId'] },
  ])
})

const twoReaders = `version: 1
let: { contact: lookup("crm", participant.address) }
rules:
  - { name: a, on: "*", when: contact.id != "", set: { a: "\${contact.id}" } }
  - { name: b, on: "*", when: contact.id == "", set: { b: unknown } }
  - { name: c, on: "*", set: { c: x } }
`

test('each rule that reads a name waits for its lookup, and uses the row after it was fetched', () => {
  let answer: PeekResult = { kind: 'unknown' }
  const { rules } = rulesWithTable(twoReaders, () => answer)
  const need = { kind: 'lookup', table: 'crm', key: 'tel:+1' } as const
  assert.deepEqual(rules.evaluate(caller).needs, [need, need])
  assert.deepEqual(
    rules.explain(caller).rules.map(({ result, names }) => [result, names]),
    [
      ['needs', undefined],
      ['needs', undefined],
      ['matched', undefined],
    ],
  )
  answer = row({ id: '7' })
  assert.deepEqual(attributesIn(rules.evaluate(caller)), { a: '7', c: 'x' })
})

test('a failed lookup with onError retry blocks each rule that reads the name', () => {
  const { rules } = rulesWithTable(twoReaders, () => ({ kind: 'failed', cause: 'timeout' }), 'retry')
  const { blocked, matched } = rules.evaluate(caller)
  assert.deepEqual(blocked, [
    { rule: 'a', code: 'lookup_failed' },
    { rule: 'b', code: 'lookup_failed' },
  ])
  assert.deepEqual(matched, ['c'])
})

test('the trace names the names that a rule used, with the code of those without a value, and no values', () => {
  const rules = rulesOf(`version: 1
let: { number: participant.address, agent: event.userId, unread: event.id }
rules:
  - { name: a, on: "*", let: { digits: number.substring(4) }, when: digits == "+1", set: { a: "\${agent}" } }
  - { name: b, on: "*", when: number == "tel:+2", set: { b: x } }
  - { name: c, on: "*", set: { c: x } }
`)
  assert.deepEqual(
    rules.explain(caller).rules.map(({ rule, names }) => [rule, names]),
    [
      ['a', [{ name: 'number' }, { name: 'agent', code: 'no_such_key' }, { name: 'digits' }]],
      ['b', [{ name: 'number' }]],
      ['c', undefined],
    ],
  )
})

test('a name may hold a value of any type, and have the name of a JavaScript property', () => {
  const rules = rulesOf(`version: 1
let:
  five: 5
  half: 0.5
  yes: true
  empty: '[]'
  letters: '["a", "b"]'
  numbers: '{"a": [1]}'
  maybe: event.?userId
  start: event.occurredAt
  hour: duration("1h")
  whole: event
  nothing: "null"
  constructor: 'json("{\\"a\\": [1, null]}")'
rules:
  - name: a
    on: "*"
    set:
      a: \${five + 1} \${half * 2.0} \${yes} \${size(empty + ["x"])} \${letters[1]} \${numbers.a[0]} \${maybe.orValue("none")}
      b: \${start + hour} \${whole.type} \${nothing == null} \${size(constructor.a)}
`)
  const set = attributesIn(
    rules.evaluate(conversationEvent({ occurredAt: Date.parse('2026-01-05T09:00:00Z') })),
  )
  assert.deepEqual(set, {
    a: '6 1 true 1 b 1 none',
    b: `2026-01-05T10:00:00.000Z ${caller.type} true 2`,
  })
})
