import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDelays } from '../../../src/admin/live/delays.ts'

test('the percentiles are those of the interval, and of the recent intervals with it', () => {
  const delays = createDelays({ random: () => 0.5, recentIntervals: 2 })
  assert.deepEqual(delays.endInterval(), { last: undefined, recent: undefined })
  for (let delay = 100; delay > 0; delay -= 1) delays.add(delay)
  const hundred = { p50Ms: 50, p95Ms: 95 }
  assert.deepEqual(delays.endInterval(), { last: hundred, recent: hundred })
  for (let count = 0; count < 100; count += 1) delays.add(1_000)
  const thousand = { p50Ms: 1_000, p95Ms: 1_000 }
  assert.deepEqual(delays.endInterval(), { last: thousand, recent: { p50Ms: 100, p95Ms: 1_000 } })
  assert.deepEqual(delays.endInterval(), { last: undefined, recent: thousand })
  assert.deepEqual(delays.endInterval(), { last: undefined, recent: undefined })
})

function createRandom() {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

test('of many delays, a sample has about the same percentiles', () => {
  const delays = createDelays({ random: createRandom(), recentIntervals: 1 })
  for (let delay = 0; delay < 100_000; delay += 1) delays.add(delay)
  const { p50Ms = 0, p95Ms = 0 } = delays.endInterval().last ?? {}
  assert.ok(Math.abs(p50Ms - 50_000) < 6_000, String(p50Ms))
  assert.ok(Math.abs(p95Ms - 95_000) < 3_000, String(p95Ms))
})

test('an interval with many delays counts as many, although its sample is limited', () => {
  const delays = createDelays({ random: createRandom(), recentIntervals: 2 })
  for (let count = 0; count < 20_000; count += 1) delays.add(10)
  delays.endInterval()
  for (let count = 0; count < 1_000; count += 1) delays.add(500)
  assert.deepEqual(delays.endInterval().recent, { p50Ms: 10, p95Ms: 10 })
})
