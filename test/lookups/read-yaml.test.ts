import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load, plain, problemsOf, tableOf } from './harness.ts'

const map = { file: 'tiers.yaml' }
const list = { file: 'tiers.yml', key: 'phone' }

test('keys and numbers keep their written form, and null is the empty text', async (t) => {
  const content = `
# callers
+1317: { tier: gold, limit: 007, price: 1.50, vip: True, note: ~, hex: 0x10, day: 2026-01-05 }
"+1318":
  tier: 'silver'
  note: >-
    two
    lines
`
  const table = tableOf(await load(t, content, map))
  assert.deepEqual(plain(table.get('+1317')), {
    tier: 'gold',
    limit: '007',
    price: '1.50',
    vip: 'true',
    note: '',
    hex: '0x10',
    day: '2026-01-05',
  })
  assert.deepEqual(plain(table.get('+1318')), { tier: 'silver', note: 'two lines' })
})

test('a map of keys to texts, and a list of rows', async (t) => {
  assert.equal(tableOf(await load(t, '1: gold\n2: 007\n', map)).get('2')?.value, '007')
  const table = tableOf(await load(t, '- phone: +1317\n  tier: gold\n- { phone: x, tier: }\n', list))
  assert.deepEqual(plain(table.get('+1317')), { phone: '+1317', tier: 'gold' })
  assert.deepEqual(plain(table.get('x')), { phone: 'x', tier: '' })
})

test('duplicate keys are reported, also in different notations', async (t) => {
  assert.deepEqual(problemsOf(await load(t, '1: a\n2: b\n"1": c\n', map)), [
    '3: the key is a duplicate of line 1',
  ])
})

test('invalid rows, cells and keys are reported by line', async (t) => {
  const content = '1: { tier: a }\n2: { tier: [a] }\n3: [a]\n4: text\n? [a]\n: { tier: b }\n'
  assert.deepEqual(problemsOf(await load(t, content, map)), [
    '2: "tier" must be text, a number, true, false or null',
    '3: a row must be a map of columns to texts',
    '4: mixes texts and rows: all entries must be of one kind',
    '5: the key is empty',
  ])
})

test('aliases are refused', async (t) => {
  const content = '1: &row { tier: a }\n2: *row\n3: { <<: *row }\n'
  assert.deepEqual(problemsOf(await load(t, content, map)), [
    '2: a row must be a map of columns to texts',
    '3: "<<" must be text, a number, true, false or null',
  ])
})

test('invalid YAML is reported by line, without content of the file', async (t) => {
  for (const content of [
    '1: a\n2: "secret\n',
    '1: a\n}secret\n',
    '1: a\n2: !<secret b\n',
    '1: a\n2: "\\secret"\n',
    '1: a\nsecret: b: c\n',
    '1: a\n- secret\n',
    '1: a\nsecret\n',
  ]) {
    const problems = problemsOf(await load(t, content, map))
    assert.ok(
      problems.length > 0 && problems.every((problem) => /^[23]: is not valid YAML: \w/.test(problem)),
      problems.join(),
    )
    assert.ok(!problems.join().includes('secret'), problems.join())
  }
})

test('a value that is neither a map nor a list, and several documents, are refused', async (t) => {
  for (const content of ['text', '# only a comment', '~'])
    assert.deepEqual(problemsOf(await load(t, content, map)), ['must be a map of keys, or a list of rows'])
  assert.deepEqual(problemsOf(await load(t, '1: a\n---\n2: b\n', map)), [
    'contains several documents: only one is allowed',
  ])
})

test('reading the largest YAML table yields to the event loop', async (t) => {
  const rows = Array.from(
    { length: 4_500 },
    (_, n) => `tel:+1317${5_550_000 + n}: { tier: gold, name: Customer ${n} }`,
  )
  const content = `${rows.join('\n')}\n`
  let turns = 0
  let done = false
  const loading = load(t, content, map).finally(() => {
    done = true
  })
  const tick = (): void => {
    turns += 1
    if (!done) setImmediate(tick)
  }
  tick()
  assert.equal(tableOf(await loading).size, 4_500)
  assert.ok(turns > 10, String(turns))
})
