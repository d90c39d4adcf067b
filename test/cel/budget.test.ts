import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBudget, maxSteps, spendForSize } from '../../src/cel/budget.ts'

test('an exhausted budget stays exhausted until reset', () => {
  const budget = createBudget(10)
  budget.spend(10)
  assert.equal(budget.exhausted(), false)
  for (const steps of [1, 0])
    assert.throws(() => budget.spend(steps), { name: 'ExpressionFailure', code: 'too_costly' })
  assert.equal(budget.exhausted(), true)
  budget.reset()
  assert.equal(budget.exhausted(), false)
  budget.spend(10)
})

const stepsOf = (value: unknown): number => {
  const budget = createBudget(maxSteps)
  spendForSize(value, budget)
  let left = 0
  try {
    for (;;) {
      budget.spend(1)
      left += 1
    }
  } catch {
    return maxSteps - left
  }
}

test('spendForSize counts nested strings and elements', () => {
  assert.equal(stepsOf(5), 0)
  assert.equal(stepsOf(null), 0)
  assert.equal(stepsOf(new Date(0)), 1)
  assert.equal(stepsOf('x'), 1)
  assert.equal(stepsOf('x'.repeat(6_400)), 101)
  assert.equal(stepsOf([1, 2, 3]), 4)
  assert.equal(stepsOf([[1], [2]]), 7)
  assert.equal(stepsOf({ a: 'x', b: { c: 1 } }), 6)
  assert.equal(stepsOf(new Map([['a', ['x']]])), 5)
  assert.equal(stepsOf(Object.assign(Object.create(null), { a: 1 })), 2)
  assert.equal(stepsOf(new Uint8Array(640)), 11)
})

test('spendForSize counts a shared list once per reference', () => {
  const list = Array.from({ length: 1_000 }, () => 1)
  const budget = createBudget()
  assert.throws(
    () =>
      spendForSize(
        Array.from({ length: 1_000 }, () => list),
        budget,
      ),
    { code: 'too_costly' },
  )
})
