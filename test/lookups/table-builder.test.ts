import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createProblems, createTableBuilder, StopReading } from '../../src/lookups/table-builder.ts'
import { plain } from './harness.ts'

async function build(rows: Iterable<readonly [string, readonly (string | undefined)[]]>, columns: string[]) {
  const problems = createProblems()
  const builder = createTableBuilder(problems, undefined)
  for (const column of columns) builder.cellOf(column)
  let line = 0
  for (const [key, cells] of rows) {
    line += 1
    builder.add(key, cells, line)
  }
  return { table: await builder.build(), problems }
}

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('a', 'b') }))

test('property: a table equals a Map, also for missing keys', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, fc.array(fc.option(text, { nil: undefined }), { maxLength: 3 })), {
        maxLength: 200,
      }),
      fc.array(text),
      async (rows, others) => {
        const expected = new Map(rows.filter(([key]) => key !== ''))
        const { table } = await build(expected, ['a', 'b', 'c'])
        assert.equal(table.size, expected.size)
        for (const key of [...expected.keys(), ...others]) {
          const cells = expected.get(key)
          const row = cells && Object.fromEntries(['a', 'b', 'c'].map((name, at) => [name, cells[at]]))
          assert.deepEqual(plain(table.get(key)), row && JSON.parse(JSON.stringify(row)))
        }
      },
    ),
  )
})

test('a table can have several pages', async () => {
  const long = 'x'.repeat(10_000)
  const rows = Array.from({ length: 2_000 }, (_, n) => [`key ${n}`, [long, String(n)]] as const)
  const { table } = await build(rows, ['long', 'n'])
  for (const [key, [, n]] of rows) assert.deepEqual(plain(table.get(key)), { long, n })
})

test('shortened, extended and invalid keys do not match', async () => {
  const { table } = await build(
    [
      ['über\ufffd', ['a']],
      ['x', ['b']],
    ],
    ['a'],
  )
  assert.equal(table.get('über\ufffd')?.a, 'a')
  for (const key of ['über', 'über\ufffd ', 'über\ud800', 'xx', 'y'.repeat(1_000_000)])
    assert.equal(table.get(key), undefined)
})

test('each duplicate key is reported with the first line of the key', async () => {
  const { problems } = await build(
    [
      ['a', []],
      ['b', []],
      ['a', []],
      ['a', []],
    ],
    [],
  )
  assert.deepEqual(problems.list(), [
    { line: 3, message: 'the key is a duplicate of line 1' },
    { line: 4, message: 'the key is a duplicate of line 1' },
  ])
})

test('a full table stops reading and reports it once', () => {
  const problems = createProblems()
  const builder = createTableBuilder(problems, undefined, 3)
  for (let line = 1; line <= 3; line += 1) builder.add(`key ${line}`, [], line)
  assert.deepEqual(problems.list(), [])
  assert.throws(() => builder.add('key 4', [], 4), StopReading)
  assert.deepEqual(problems.list(), [{ line: 4, message: 'the table is full after 3 rows' }])
})

test('an empty table has no rows', async () => {
  const { table } = await build([], [])
  assert.equal(table.size, 0)
  assert.equal(table.get('a'), undefined)
})

test('problems are sorted by line, after those without a line', () => {
  const problems = createProblems()
  assert.ok(problems.isEmpty())
  problems.add('late', 9)
  problems.add('early', 2)
  problems.add('whole')
  assert.ok(!problems.isEmpty())
  assert.deepEqual(problems.list(), [
    { message: 'whole' },
    { message: 'early', line: 2 },
    { message: 'late', line: 9 },
  ])
})

test('the first twenty problems are kept, all are counted', () => {
  const problems = createProblems()
  for (let line = 1; line <= 20; line += 1) problems.add('bad', line)
  assert.equal(problems.list().length, 20)
  problems.add('bad', 21)
  problems.add('bad', 22)
  assert.deepEqual(problems.list().at(-1), { message: 'and 2 more problems' })
})
