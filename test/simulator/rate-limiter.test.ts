import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addCalls, createRateLimiter, secondsUntilReset } from '../../src/simulator/rate-limiter.ts'

const clock = { originMs: 1_000_000, windowMs: 60_000 }

test('calls add up within a window', () => {
  const first = addCalls(clock, undefined, 1, 1_000_000)
  assert.deepEqual(addCalls(clock, first, 2, 1_059_999), { windowIndex: 0, count: 3 })
})

test('the next window starts exactly when the previous one ends', () => {
  const full = addCalls(clock, undefined, 300, 1_000_000)
  assert.equal(addCalls(clock, full, 1, 1_059_999).count, 301)
  assert.deepEqual(addCalls(clock, full, 1, 1_060_000), { windowIndex: 1, count: 1 })
})

test('unused windows are counted', () => {
  const full = addCalls(clock, undefined, 300, 1_000_000)
  assert.deepEqual(addCalls(clock, full, 1, 1_300_001), { windowIndex: 5, count: 1 })
})

test('a time before the origin has a window', () => {
  assert.deepEqual(addCalls(clock, undefined, 1, 999_999), { windowIndex: -1, count: 1 })
  assert.equal(secondsUntilReset(clock, 999_999), 1)
})

test('seconds until reset are whole and rounded up', () => {
  assert.equal(secondsUntilReset(clock, 1_000_000), 60)
  assert.equal(secondsUntilReset(clock, 1_000_001), 60)
  assert.equal(secondsUntilReset(clock, 1_017_500), 43)
  assert.equal(secondsUntilReset(clock, 1_018_000), 42)
  assert.equal(secondsUntilReset(clock, 1_059_999), 1)
})

test('a client that waits for the reset seconds is never early, at any time and with any window', () => {
  for (const windowMs of [1, 7, 250, 1_000, 1_001, 60_000]) {
    for (let nowMs = 0; nowMs < 3_000; nowMs += 13) {
      const odd = { originMs: 311.5, windowMs }
      const before = addCalls(odd, undefined, 1, nowMs)
      const seconds = secondsUntilReset(odd, nowMs)
      assert.ok(seconds >= 1 && Number.isInteger(seconds))
      assert.ok(addCalls(odd, before, 1, nowMs + seconds * 1000).windowIndex > before.windowIndex)
    }
  }
})

test('all tokens can share one count, to which calls of other programs are added once', () => {
  const [one, two] = [{}, {}]
  const options = { allowed: 3, windowMs: 60_000, phaseMs: 0, startedAtMs: 0 }
  const shared = createRateLimiter({ ...options, shared: true })
  assert.equal(shared.count(one, 1, 0).count, 1)
  shared.spend([one, two], 1, 0)
  assert.deepEqual(
    [shared.count(two, 1, 0), shared.count(one, 1, 0)].map(({ count, exceeded }) => [count, exceeded]),
    [
      [3, false],
      [4, true],
    ],
  )
  const separate = createRateLimiter(options)
  separate.spend([one, two], 1, 0)
  assert.equal(separate.count(one, 1, 0).count, 2)
})
