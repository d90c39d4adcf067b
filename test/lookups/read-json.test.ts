import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadFileTable } from '../../src/lookups/file-table.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { rounds } from '../helpers/rounds.ts'
import { load, plain, problemsOf, tableOf } from './harness.ts'

const map = { file: 'tiers.json' }
const list = { file: 'tiers.json', key: 'phone' }

test('in a map of keys to rows, numbers keep their written form, and null is the empty text', async (t) => {
  const content =
    '\ufeff {"+1317": {"tier": "gold", "limit": 1.50, "vip": true, "note": null, "id": 12345678901234567890}}\n'
  const table = tableOf(await load(t, content, map))
  assert.deepEqual(plain(table.get('+1317')), {
    tier: 'gold',
    limit: '1.50',
    vip: 'true',
    note: '',
    id: '12345678901234567890',
  })
  assert.deepEqual(table.columns, ['tier', 'limit', 'vip', 'note', 'id'])
})

test('a map of keys to texts has the column value', async (t) => {
  const table = tableOf(await load(t, '{"1": "gold", "2": 7, "3": null}', map))
  assert.deepEqual(table.columns, ['value'])
  assert.deepEqual(
    ['1', '2', '3', '4'].map((key) => table.get(key)?.value),
    ['gold', '7', '', undefined],
  )
})

test('a list of rows has the key in a column', async (t) => {
  const table = tableOf(await load(t, '[{"phone": 1, "tier": "a"}, {"tier": "b", "phone": "2"}]', list))
  assert.deepEqual(plain(table.get('1')), { phone: '1', tier: 'a' })
  assert.deepEqual(plain(table.get('2')), { phone: '2', tier: 'b' })
})

test('rows can have different columns', async (t) => {
  const table = tableOf(
    await load(t, '{"1": {"a": "x"}, "2": {"b": "y"}, "3": {}, "4": {"c": "z", "a": ""}}', map),
  )
  assert.deepEqual(
    ['1', '2', '3', '4'].map((key) => plain(table.get(key))),
    [{ a: 'x' }, { b: 'y' }, {}, { c: 'z', a: '' }],
  )
  assert.deepEqual(table.columns, ['a', 'b', 'c'])
})

test('an empty map is an empty table', async (t) => {
  assert.equal(tableOf(await load(t, ' {} ', map)).size, 0)
  assert.equal(tableOf(await load(t, '[\n]', list)).size, 0)
})

test('names of JavaScript properties are ordinary keys and columns', async (t) => {
  const table = tableOf(await load(t, '{"__proto__": {"__proto__": "a", "constructor": "b"}}', map))
  assert.deepEqual(Object.entries(table.get('__proto__') ?? {}), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
})

test('every mistake in the rows of a map is reported, with the number of the row', async (t) => {
  const content = `{
    "k1": {"tier": "a"},
    "k2": {"tier": ["a"]},
    "k3": "a",
    "k4": [],
    "": {"tier": "a"},
    "k6": {"": "a"}
  }`
  assert.deepEqual(problemsOf(await load(t, content, map)), [
    'row 2: "tier" must be text, a number, true, false or null',
    'row 3: mixes texts and rows: all entries must be of one kind',
    'row 4: a row must be a map of columns to texts',
    'row 5: the key is empty',
    'row 6: a column has no name',
  ])
})

test('every mistake in the rows of a list is reported, with the number of the row', async (t) => {
  assert.deepEqual(problemsOf(await load(t, '[{"phone": "1"},\n{"tier": "a"},\n"x",\n{"phone": 1}]', list)), [
    'row 2: the row has no "phone"',
    'row 3: a row must be a map of columns to texts',
    'row 4: the key is a duplicate of row 1',
  ])
})

test('the last value of a duplicate key in a map counts', async (t) => {
  const table = tableOf(
    await load(t, '{"k": {"tier": "a", "tier": "b"}, "k": {"tier": "c", "tier": "d"}}', map),
  )
  assert.equal(table.size, 1)
  assert.deepEqual(plain(table.get('k')), { tier: 'd' })
})

test('key is required for lists and not allowed for maps', async (t) => {
  assert.deepEqual(problemsOf(await load(t, '[{}]', map)), [
    'is a list of rows: set key to the column with the key',
  ])
  assert.deepEqual(problemsOf(await load(t, '{}', list)), ['is a map, which has its own keys: remove key'])
})

test('a table with more than 100 columns is refused', async (t) => {
  const rows = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`k${n}`, { [`c${n}`]: 'x' }]))
  assert.deepEqual(problemsOf(await load(t, JSON.stringify(rows), map)), [
    'row 101: "c100" exceeds the limit of 100 columns',
  ])
})

for (const content of [
  '  \n',
  '{\n"1": "a"\n"2": "b"}',
  '{"1": "a",\n}',
  '{"1": 01}',
  '{"1": gold}',
  '{"1": "a',
  '{"1": "a\\x"}',
  '{"1": "a"}\n{}',
]) {
  test(`${JSON.stringify(content)} is not valid JSON`, async (t) => {
    assert.deepEqual(problemsOf(await load(t, content, map)), [
      'is not valid JSON: run jq . on the file to see where',
    ])
  })
}

test('a text, a number or null is not a table', async (t) => {
  for (const content of ['"text"', '5', 'null'])
    assert.deepEqual(problemsOf(await load(t, content, map)), ['must be a map of keys, or a list of rows'])
})

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
)
const rows = fc.dictionary(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), scalar, { maxKeys: 4 }),
  { maxKeys: 20 },
)

test('property: tables written by JSON.stringify are read', async (t) => {
  const folder = await temporaryFolder(t)
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom(undefined, 2, '\t'), async (value, space) => {
      await writeFile(join(folder, 't.json'), JSON.stringify(value, null, space))
      const table = tableOf(await loadFileTable({ file: 't.json', delimiter: ',' }, folder))
      for (const [key, row] of Object.entries(value)) {
        const texts = Object.entries(row).map(([column, cell]) => [
          column,
          typeof cell === 'string' ? cell : cell === null ? '' : JSON.stringify(cell),
        ])
        assert.deepEqual(Object.entries(table.get(key) ?? {}).sort(), texts.sort())
      }
    }),
    { numRuns: rounds(100) },
  )
})

test('property: invalid JSON is refused', async (t) => {
  const folder = await temporaryFolder(t)
  const valid = '{"1": {"tier": "gold", "limit": 1.5, "vip": true, "note": null}, "2": {"tier": "a\\"b\\\\"}}'
  await fc.assert(
    fc.asyncProperty(
      fc.nat(valid.length - 1),
      fc.constantFrom('', '"', '{', '}', ',', ':', '\\', 'x', '[', ' '),
      async (at, piece) => {
        const text = valid.slice(0, at) + piece + valid.slice(at + 1)
        await writeFile(join(folder, 't.json'), text)
        const result = await loadFileTable({ file: 't.json', delimiter: ',' }, folder)
        if (result.kind === 'ok') assert.doesNotThrow(() => JSON.parse(text), text)
      },
    ),
    { numRuns: rounds(300) },
  )
})
