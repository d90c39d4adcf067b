import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadFileTable } from '../../src/lookups/file-table.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { rounds } from '../helpers/rounds.ts'
import { load, plain, problemsOf, tableOf } from './harness.ts'

const tiers = { file: 'tiers.csv', key: 'phone' }

test('a key finds its row, with the written text of all columns', async (t) => {
  const table = tableOf(await load(t, 'phone,tier,limit\n+1317,gold,007\n+1318,,1.50\n', tiers))
  assert.deepEqual(table.columns, ['phone', 'tier', 'limit'])
  assert.equal(table.size, 2)
  assert.deepEqual(plain(table.get('+1317')), { phone: '+1317', tier: 'gold', limit: '007' })
  assert.deepEqual(plain(table.get('+1318')), { phone: '+1318', tier: '', limit: '1.50' })
  assert.equal(table.get('+131'), undefined)
  assert.equal(table.get(''), undefined)
})

test('any column can be the key', async (t) => {
  const table = tableOf(await load(t, 'tier,phone\ngold,+1317\n', tiers))
  assert.deepEqual(plain(table.get('+1317')), { phone: '+1317', tier: 'gold' })
})

test('quotes, line breaks in cells, a byte order mark and all line ends are read', async (t) => {
  const content = '\ufeff"phone",tier\r\n1,"gold, ""24 carat"""\r\n2,"two\r\nlines"\n3,x\r4,y\n\n\r\n5,z'
  const table = tableOf(await load(t, content, tiers))
  assert.equal(table.size, 5)
  assert.equal(table.get('1')?.tier, 'gold, "24 carat"')
  assert.equal(table.get('2')?.tier, 'two\r\nlines')
  assert.deepEqual(
    ['3', '4', '5'].map((key) => table.get(key)?.tier),
    ['x', 'y', 'z'],
  )
})

test('the delimiter separates the cells', async (t) => {
  const semicolons = { ...tiers, delimiter: ';' }
  assert.equal(tableOf(await load(t, 'phone;tier\n1;a,b\n', semicolons)).get('1')?.tier, 'a,b')
  const tabs = { ...tiers, delimiter: '\t' }
  assert.equal(tableOf(await load(t, 'phone\ttier\n1\ta;b\n', tabs)).get('1')?.tier, 'a;b')
})

test('a header without rows is an empty table', async (t) => {
  assert.equal(tableOf(await load(t, 'phone,tier\n', tiers)).size, 0)
})

test('names of JavaScript properties are ordinary keys and columns', async (t) => {
  const content = 'phone,__proto__,constructor,toString\n__proto__,a,b,c\nconstructor,d,e,f\n'
  const table = tableOf(await load(t, content, tiers))
  assert.deepEqual(Object.entries(table.get('__proto__') ?? {}), [
    ['phone', '__proto__'],
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['toString', 'c'],
  ])
  assert.equal(Object.values(table.get('constructor') ?? {})[3], 'f')
  assert.equal(table.get('hasOwnProperty'), undefined)
  assert.equal('toString' in (tableOf(await load(t, 'phone,tier\n1,gold\n', tiers)).get('1') ?? {}), false)
})

test('all bad rows are reported by line', async (t) => {
  const content = 'phone,tier\n1,a\n2\n3,c,x\n,d\n"1",again\n"5\n5",e\n6\n1,more\n'
  assert.deepEqual(problemsOf(await load(t, content, tiers)), [
    '3: has 1 cell, but the header has 2 cells',
    '4: has 3 cells, but the header has 2 cells',
    '5: the key is empty',
    '6: the key is a duplicate of line 2',
    '9: has 1 cell, but the header has 2 cells',
    '10: the key is a duplicate of line 2',
  ])
})

test('the first twenty problems are listed, and the number of the others', async (t) => {
  const problems = problemsOf(await load(t, `phone,tier\n${'bad\n'.repeat(1_000)}`, tiers))
  assert.equal(problems.length, 21)
  assert.equal(problems[0], '2: has 1 cell, but the header has 2 cells')
  assert.equal(problems[20], 'and 980 more problems')
})

test('a missing key column is reported with the columns and a suggestion', async (t) => {
  assert.deepEqual(problemsOf(await load(t, 'Phone,tier\n1,a\n', tiers)), [
    '1: there is no column "phone": did you mean "Phone"? the columns are "Phone", "tier"',
  ])
  assert.deepEqual(problemsOf(await load(t, 'caller,tier\n1,a\n', tiers)), [
    '1: there is no column "phone": the columns are "caller", "tier"',
  ])
})

test('a header with one column suggests a delimiter', async (t) => {
  assert.deepEqual(problemsOf(await load(t, 'phone;tier\n1;a\n', tiers)), [
    '1: there is no column "phone", only "phone;tier": set delimiter: ";" if it separates the cells',
  ])
})

test('empty and duplicate column names, and too many columns, are refused', async (t) => {
  assert.deepEqual(problemsOf(await load(t, 'phone,tier,,tier\n1,a,b,c\n', tiers)), [
    '1: column 3 has no name',
    '1: columns 2 and 4 are both named "tier"',
  ])
  const many = `phone,${Array.from({ length: 200 }, (_, n) => `c${n}`).join()}\n`
  assert.deepEqual(problemsOf(await load(t, many, tiers)), ['1: has 201 columns: the limit is 101'])
})

test('a file of empty lines has no header', async (t) => {
  assert.deepEqual(problemsOf(await load(t, '\n\r\n\n', tiers)), [
    'is empty: the first line must name the columns',
  ])
})

test('reading stops at a broken quote', async (t) => {
  const rest = 'the rest of the file was not read'
  assert.deepEqual(problemsOf(await load(t, 'phone,tier\n1\n2,a"b\n3\n', tiers)), [
    '2: has 1 cell, but the header has 2 cells',
    `3: a quote is inside a cell without quotes: write "a ""quoted"" word"; ${rest}`,
  ])
  assert.deepEqual(problemsOf(await load(t, 'phone,tier\n1,"a"b\n', tiers)), [
    `2: text follows the closing quote of a cell: write a quote within quotes twice (""); ${rest}`,
  ])
  assert.deepEqual(problemsOf(await load(t, 'phone,tier\n1,a\n2,"b\n3,c\n4,d\n', tiers)), [
    '3: a quote that opens here or below is never closed',
  ])
  const endless = `phone,tier\n1,a\n2,"b\n${'3,c\n'.repeat(20_000)}`
  assert.deepEqual(problemsOf(await load(t, endless, tiers)), [
    `3: a row that begins here or below does not end: is a quote never closed?; ${rest}`,
  ])
})

test('a row above the limit in bytes is refused', async (t) => {
  assert.equal(tableOf(await load(t, `phone,tier\n1,${'x'.repeat(32_000)}\n`, tiers)).size, 1)
  assert.deepEqual(problemsOf(await load(t, `phone,tier\n1,${'ü'.repeat(20_000)}\n2\n`, tiers)), [
    '2: the row is longer than 32768 bytes',
    '3: has 1 cell, but the header has 2 cells',
  ])
})

test('problems contain no keys or cells', async (t) => {
  const content = 'phone,tier\nsecret-key,secret-cell\nsecret-key,secret-cell\nsecret-key\n1,"secret-cell"x\n'
  assert.ok(
    !problemsOf(await load(t, content, tiers))
      .join()
      .includes('secret'),
  )
})

const cell = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r\n', '\r', 'a', ' ', 'ü', '😀') }),
)
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
const written = (text: string): string => (/[",\r\n\ufeff]/.test(text) || text === '' ? quoted(text) : text)
const brokenLines = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0

test('property: any cells are read unchanged, and problems have the first line of a row', async (t) => {
  const folder = await temporaryFolder(t)
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(cell, cell, cell), { selector: ([key]) => key, maxLength: 30 }),
      fc.constantFrom('\n', '\r\n'),
      async (cells, end) => {
        const rows = cells.filter(([key]) => key !== '')
        const text = [['a', 'b', 'c'], ...rows].map((row) => row.map(written).join() + end).join('')
        await writeFile(join(folder, 't.csv'), text)
        const lookup = { file: 't.csv', key: 'a', delimiter: ',' }
        const table = tableOf(await loadFileTable(lookup, folder))
        assert.equal(table.size, rows.length)
        for (const [a, b, c] of rows) assert.deepEqual(plain(table.get(a)), { a, b, c })
        await writeFile(join(folder, 't.csv'), `${text}one cell${end}`)
        assert.deepEqual(problemsOf(await loadFileTable(lookup, folder)), [
          `${brokenLines(text) + 1}: has 1 cell, but the header has 3 cells`,
        ])
      },
    ),
    { numRuns: rounds(100) },
  )
})
