import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDelays } from '../../../src/admin/live/delays.ts'

test('the percentiles are those of the delays since the last call', () => {
  const delays = createDelays(() => 0.5)
  assert.equal(delays.take(), undefined)
  for (let delay = 100; delay > 0; delay -= 1) delays.add(delay)
  assert.deepEqual(delays.take(), { p50Ms: 50, p95Ms: 95 })
  delays.add(7)
  assert.deepEqual(delays.take(), { p50Ms: 7, p95Ms: 7 })
  assert.equal(delays.take(), undefined)
})

test('of many delays, a sample has about the same percentiles', () => {
  let state = 1
  const random = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  const delays = createDelays(random)
  for (let delay = 0; delay < 100_000; delay += 1) delays.add(delay)
  const { p50Ms = 0, p95Ms = 0 } = delays.take() ?? {}
  assert.ok(Math.abs(p50Ms - 50_000) < 6_000, String(p50Ms))
  assert.ok(Math.abs(p95Ms - 95_000) < 3_000, String(p95Ms))
})
