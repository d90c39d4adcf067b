import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { budgetVerdict } = await pageModule('now/budget-verdict.js')

test('the budget is enough unless the number of pending events grows; only then there is something to do', () => {
  assert.deepEqual(budgetVerdict({ direction: 'steady', perMinute: 0 }, false, 0), {
    verdict: 'The budget is enough: about as many events are settled as come in. Nothing to do.',
  })
  assert.deepEqual(budgetVerdict({ direction: 'falling', perMinute: 30 }, true, 0), {
    verdict: 'The budget is enough: about 30 events a minute more are settled than come in. Nothing to do.',
  })
  assert.equal(
    budgetVerdict({ direction: 'steady', perMinute: 0 }, false, 4).verdict,
    'The budget is enough for live events: about as many events are settled as come in. But 4 replayed events wait for calls that live events leave.',
  )
  const { verdict, remedy } = budgetVerdict({ direction: 'growing', perMinute: 20 }, false, 0)
  assert.equal(verdict, 'The budget is not enough: about 20 events a minute more come in than are settled.')
  assert.match(remedy, /^Let the rules match fewer events or ask Genesys for a higher limit\./)
})

test('if other programs spend the budget, the remedy names a client of its own', () => {
  assert.match(
    budgetVerdict({ direction: 'growing', perMinute: 20 }, true, 0).remedy,
    /OAuth client of its own/,
  )
})

test('without a trend there is no verdict yet', () => {
  const { verdict, remedy } = budgetVerdict(undefined, true, 0)
  assert.match(verdict, /^The events wait for the next window\./)
  assert.equal(remedy, undefined)
})
