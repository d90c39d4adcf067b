import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { conversationEvent } from '../../helpers/events.ts'
import { compiled, evaluated, failureOf, mistakeOf } from '../../helpers/expressions.ts'
import { rounds } from '../../helpers/rounds.ts'

const tables = new Map([
  ['tiers', { columns: ['tier', 'agent name', 'toString'] }],
  ['open', { columns: undefined }],
])
const rows = {
  tiers: { 'tel:+13175550100': { tier: 'gold', 'agent name': 'Ann' }, a: { tier: 'none', toString: 'own' } },
  open: { x: { y: 'z' } },
}
const given = {
  tables,
  rows,
  event: conversationEvent({ body: { column: 'tier', list: ['a', 'b'], number: 5 } }),
}

for (const [source, expected] of [
  ['lookup("tiers", participant.address).tier', 'gold'],
  ['lookup("tiers", participant.address)["agent name"]', 'Ann'],
  ['lookup("tiers", "nobody").tier', ''],
  ['lookup("tiers", "a")["agent name"]', ''],
  ['lookup("tiers", participant.address)[event.body.column]', 'gold'],
  ['lookup("tiers", participant.address)[event.body.list[0]]', ''],
  ['lookup("open", "x").y + lookup("open", "x").other + lookup("open", "y").y', 'z'],
  ['lookup("tiers", "nobody").tier == ""', true],
  ['cel.bind(row, lookup("tiers", participant.address), row.tier + row["agent name"])', 'goldAnn'],
  ['cel.bind(row, lookup("tiers", "nobody"), row.tier + row["agent name"])', ''],
  ['cel.bind(row, lookup("tiers", participant.address), cel.bind(c, event.body.column, row[c]))', 'gold'],
  ['size(lookup("tiers", participant.address))', 2n],
  ['size(lookup("tiers", "nobody")) == 0', true],
  ['event.body.list.map(x, lookup("tiers", x).tier).join("/")', 'none/'],
  ['lookup("tiers", lookup("open", "x").y).tier', ''],
  ['lookup("tiers", participant.address).tier in ["gold", "platinum"]', true],
  ['lookup("tiers", participant.address).?tier.orValue("x")', 'gold'],
  ['lookup("tiers", "nobody").?tier.orValue("x")', ''],
  ['default(lookup("tiers", "nobody").tier, "x")', ''],
] as const) {
  test(`${source} is ${JSON.stringify(String(expected))}`, () =>
    assert.equal(evaluated(source, given), expected))
}

for (const [source, marked, message] of [
  ['lookup("teirs", "a").tier', '"teirs"', 'there is no lookup table "teirs": did you mean "tiers"?'],
  ['lookup("queues", "a").tier', '"queues"', 'there is no lookup table "queues": known: "tiers", "open"'],
  ['lookup(event.id, "a").tier', 'event.id', /^lookup\(\) needs a quoted text here/],
  ['lookup("tiers", "a").teir', 'teir', 'lookup table "tiers" has no column "teir": did you mean "tier"?'],
  ['lookup("tiers", "a")["teir"]', '"teir"', /did you mean "tier"\?$/],
  ['lookup("tiers", "a").?teir', 'teir', /did you mean "tier"\?$/],
  ['lookup("tiers", "a")[?"teir"]', '"teir"', /did you mean "tier"\?$/],
  [
    'lookup("tiers", "a").x',
    'x',
    'lookup table "tiers" has no column "x": known: "tier", "agent name", "toString"',
  ],
  ['cel.bind(row, lookup("tiers", "a"), row.teir)', 'teir', /did you mean "tier"\?$/],
  ['cel.bind(a, lookup("tiers", "a"), cel.bind(b, a, b.teir))', 'teir', /did you mean "tier"\?$/],
  ['"tier" in lookup("tiers", "a")', 'lookup', /^in cannot be used with a lookup/],
  ['lookup("tiers", "a").tier == 5', 'lookup', 'no such overload: string == int'],
  ['lookup("tiers", 5).tier', 'lookup', /\(string, int\)', only for lookup\(string, string\)$/],
] as const) {
  test(`${source} does not compile`, () => {
    const mistake = mistakeOf(source, tables)
    if (typeof message === 'string') assert.equal(mistake.message, message)
    else assert.match(mistake.message, message)
    assert.ok(source.slice(mistake.offset).startsWith(marked), source.slice(mistake.offset))
  })
}

test('the message says if the rules file has no tables', () => {
  assert.equal(
    mistakeOf('lookup("a", "b").c').message,
    'there is no lookup table "a": this rules file has none',
  )
})

test('a loop variable hides a row of the same name', () => {
  const source = 'cel.bind(x, lookup("tiers", "a"), event.body.list.exists(x, x.anything == ""))'
  assert.equal(compiled(source, tables).type, 'bool')
})

test('names of JavaScript properties are ordinary columns', () => {
  for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'get', 'size']) {
    assert.equal(evaluated(`lookup("open", "x").${key}`, given), '')
    assert.equal(evaluated(`lookup("open", "${key}").y`, given), '')
    assert.equal(evaluated(`lookup("open", "x")["${key}"]`, given), '')
    const own = { open: { x: JSON.parse(`{"${key}":"own"}`) } }
    assert.equal(evaluated(`lookup("open", "x").${key}`, { ...given, rows: own }), 'own')
    assert.match(mistakeOf(`lookup("${key}", "x").y`, tables).message, /^there is no lookup table/)
  }
})

test('a key that is not a string fails', () => {
  assert.equal(failureOf('lookup("tiers", event.body.number).tier', given), 'no_matching_overload')
  assert.equal(failureOf('lookup("tiers", event.queueId).tier', given), 'no_such_key')
})

test('property: a lookup never fails for any key and column', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, column) => {
      const event = conversationEvent({ body: { key, column } })
      const source = 'lookup("open", event.body.key)[event.body.column]'
      assert.equal(evaluated(source, { tables, event, rows: { open: {} } }), '')
      assert.equal(evaluated(source, { tables, event, rows: { open: { [key]: { [column]: 'v' } } } }), 'v')
    }),
    { numRuns: rounds(200) },
  )
})
