import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadFileTable } from '../../../src/enrich/lookups/file-table.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { load, plain, problemsOf, tableOf } from './harness.ts'

const map = { file: 'tiers.json' }
const list = { file: 'tiers.json', key: 'phone' }

test('a map of keys to rows; numbers stay as they are written, null is the empty text', async (t) => {
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

test('a map of keys to texts has the one column value', async (t) => {
  const table = tableOf(await load(t, '{"1": "gold", "2": 7, "3": null}', map))
  assert.deepEqual(table.columns, ['value'])
  assert.deepEqual(
    ['1', '2', '3', '4'].map((key) => table.get(key)?.value),
    ['gold', '7', '', undefined],
  )
})

test('a list of rows with the key among their columns', async (t) => {
  const table = tableOf(await load(t, '[{"phone": 1, "tier": "a"}, {"tier": "b", "phone": "2"}]', list))
  assert.deepEqual(plain(table.get('1')), { phone: '1', tier: 'a' })
  assert.deepEqual(plain(table.get('2')), { phone: '2', tier: 'b' })
})

test('rows may have columns of their own: the others do not have them', async (t) => {
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

test('names of JavaScript are keys and columns like any other', async (t) => {
  const table = tableOf(await load(t, '{"__proto__": {"__proto__": "a", "constructor": "b"}}', map))
  assert.deepEqual(Object.entries(table.get('__proto__') ?? {}), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
})

test('all that is wrong with rows is told, with its lines', async (t) => {
  const content = `{
    "1": {"tier": "a"},
    "2": {"tier": ["a"]},
    "3": "a",
    "4": [],
    "": {"tier": "a"},
    "1": {"tier": "b"},
    "5": {"tier": "a", "tier": "b"},
    "6": {"": "a"},
    "\\u0031": {}
  }`
  assert.deepEqual(problemsOf(await load(t, content, map)), [
    '3: "tier" must be text, a number, true, false or null',
    '4: is a text where others are rows: all must be rows or all must be texts',
    '5: a row must be a map of columns to texts',
    '6: the key is empty',
    '7: the key stands in line 2 already',
    '8: "tier" stands twice in a row',
    '9: a column has no name',
    '10: the key stands in line 2 already',
  ])
})

test('all that is wrong with the rows of a list is told', async (t) => {
  assert.deepEqual(problemsOf(await load(t, '[{"phone": "1"},\n{"tier": "a"},\n"x",\n{"phone": 1}]', list)), [
    '2: the row has no "phone"',
    '3: a row must be a map of columns to texts',
    '4: the key stands in line 1 already',
  ])
})

test('key is for lists, and lists need it', async (t) => {
  assert.deepEqual(problemsOf(await load(t, '[{}]', map)), [
    'is a list of rows: name the column that holds the key with key',
  ])
  assert.deepEqual(problemsOf(await load(t, '{}', list)), [
    'is a map, whose keys are the keys already: remove key',
  ])
})

test('a table has a most of columns', async (t) => {
  const rows = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`k${n}`, { [`c${n}`]: 'x' }]))
  assert.deepEqual(problemsOf(await load(t, JSON.stringify(rows), map)), [
    '1: "c100" is one column too many: 100 are the most',
  ])
})

const mistakes: Record<string, string> = {
  '"text"': '1: is no JSON: it must be a map { … } or a list [ … ]',
  '  \n': '2: is no JSON: it must be a map { … } or a list [ … ]',
  '{\n"1": "a"\n"2": "b"}': '3: is no JSON: a comma or the closing } is missing',
  '{"1": "a",\n}': '2: is no JSON: a key in double quotes is missing',
  '{"1"\n"a"}': '2: is no JSON: a colon is missing',
  '{"1": \n}': '2: is no JSON: is no value: text stands in double quotes',
  '{"1": 01}': '1: is no JSON: is no value: text stands in double quotes',
  '{"1": gold}': '1: is no JSON: is no value: text stands in double quotes',
  '{"1": "a': '1: is no JSON: a quote is never closed',
  '{"1": {"a": "b"': '1: is no JSON: is cut off: a value is missing, or a bracket is never closed',
  '{"1": "a\\x"}': '1: is no JSON: is no text: a line break, or a backslash that stands for nothing',
  '{"1": "a"}\n{}': '2: is no JSON: something follows its end',
  '{"1": "a"': '1: is no JSON: a comma or the closing } is missing',
}

for (const [content, problem] of Object.entries(mistakes)) {
  test(`no JSON: ${JSON.stringify(content)}`, async (t) => {
    assert.deepEqual(problemsOf(await load(t, content, map)), [problem])
  })
}

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

test('whatever JSON.stringify writes is read', async (t) => {
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
    { numRuns: 100 },
  )
})

test('whatever is read as a table is JSON: broken text is refused', async (t) => {
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
    { numRuns: 300 },
  )
})
