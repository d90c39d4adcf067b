import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProblems } from '../../src/lookups/problems.ts'

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
