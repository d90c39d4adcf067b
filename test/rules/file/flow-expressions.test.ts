import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRulesText } from '../../../src/rules/load-rules.ts'

const rulesFile = (map: string) => `version: 1
lookups: { tiers: { url: "https://crm.example.com/{key}", columns: { tier: tier } } }
rules:
  - name: a
    on: "*"
    let: ${map}
    set: { a: b }
`

/** The expressions of the names in this map of YAML. */
function expressionsIn(map: string): Record<string, string> {
  const result = compileRulesText(rulesFile(map), 'rules.yaml')
  assert.ok(result.kind === 'ok', result.kind === 'invalid' ? result.problems.join('\n') : '')
  const [rule] = result.compiled.rules
  return Object.fromEntries([...(rule?.names ?? [])].map(([name, { source }]) => [name, source]))
}

for (const [map, expected] of [
  ['{ a: lookup("tiers", participant.address) }', { a: 'lookup("tiers", participant.address)' }],
  [
    '{ a: lookup("tiers", event.id), b: lookup("tiers", event.id), c: a.tier }',
    { a: 'lookup("tiers", event.id)', b: 'lookup("tiers", event.id)', c: 'a.tier' },
  ],
  ['{ a: e164(participant.ani, "US"), b: a }', { a: 'e164(participant.ani, "US")', b: 'a' }],
  ['{ a: lookup("tiers", "x").tier != "" }', { a: 'lookup("tiers", "x").tier != ""' }],
  ['{ a: startOf(event.occurredAt, "day", "UTC") }', { a: 'startOf(event.occurredAt, "day", "UTC")' }],
  ['{ a: default(event.userId,\n        event.id), b: 1 }', { a: 'default(event.userId, event.id)', b: '1' }],
  ['{ "a": "event.id", "b": \'event.type\' }', { a: 'event.id', b: 'event.type' }],
] as const)
  test(`YAML map of names: ${map}`, () => assert.deepEqual(expressionsIn(map), expected))

const problemsIn = (map: string): readonly string[] => {
  const result = compileRulesText(rulesFile(map), 'rules.yaml')
  return result.kind === 'invalid' ? result.problems.map((problem) => problem.split('\n', 1)[0] ?? '') : []
}

test('a mistake in a joined expression is reported at its place', () => {
  assert.deepEqual(problemsIn('{ a: lookup("tiers", participant.adress) }'), [
    'rules.yaml:6:43 rules[0].let.a participant has no field "adress": did you mean "address"?',
  ])
})

test('other mistakes of a YAML map are still reported', () => {
  assert.deepEqual(problemsIn('{ a: 1, a: 2 }'), ['rules.yaml:6:18 duplicate key: remove one of the two'])
  assert.match(problemsIn('{ a: 1 b: 2 }')[0] ?? '', /^rules\.yaml:6:/)
  assert.match(problemsIn('{ a, b: 2 }')[0] ?? '', /rules\[0\]\.let\.a must be a CEL expression/)
  assert.match(problemsIn('{ a: , b: 2 }')[0] ?? '', /rules\[0\]\.let\.a must be a CEL expression/)
  assert.match(problemsIn('{ a: "event.id", b }')[0] ?? '', /rules\[0\]\.let\.b must be a CEL expression/)
})
