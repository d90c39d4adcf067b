import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPauseGate } from '../../src/deliver/pause-gate.ts'
import { maxPauseMs } from '../../src/timing/backoff.ts'

const all = 10
const create = () => createPauseGate(() => 0)

test('a new gate is open and limits nothing', () => {
  const gate = create()
  assert.deepEqual([gate.limit(0, all), gate.pauseEnd(0)], [all, undefined])
})

test('the gate is closed until the given time and open from then on', () => {
  const gate = create()
  assert.deepEqual(gate.pause(1_000, 0), { end: 1_000, clamped: false })
  assert.deepEqual([gate.limit(999, all), gate.pauseEnd(999)], [0, 1_000])
  assert.deepEqual([gate.limit(1_000, all) > 0, gate.pauseEnd(1_000)], [true, undefined])
})

test('the latest end of all pauses counts, and nothing ends it early', () => {
  const gate = create()
  gate.pause(1_000, 0)
  gate.pause(500, 0)
  assert.equal(gate.pauseEnd(600), 1_000)
  gate.pause(1_500, 600)
  gate.succeeded(600)
  assert.equal(gate.pauseEnd(600), 1_500)
})

test('regression: calls in flight at the start of the pause made it end at full speed', () => {
  const gate = create()
  gate.pause(1_000, 0)
  for (let n = 0; n < 9; n += 1) gate.succeeded(10)
  assert.equal(gate.limit(1_000, all), 1)
})

test('a pause of zero becomes a short one, so that refused calls are not repeated without delay', () => {
  assert.equal(create().pause(0, 0).end, 200)
})

test('after a pause one call may start, then twice as many after each success', () => {
  const gate = create()
  gate.pause(1_000, 0)
  const limits = [gate.limit(1_000, all)]
  for (let n = 0; n < 4; n += 1) {
    gate.succeeded(1_000)
    limits.push(gate.limit(1_000, all))
  }
  assert.deepEqual(limits, [1, 2, 4, 8, all])
  for (let n = 0; n < 2_000; n += 1) gate.succeeded(1_000)
  assert.equal(gate.limit(1_000, all), all)
})

test('a very long pause is limited to an hour, and that is reported', () => {
  const gate = create()
  assert.deepEqual(gate.pause(1e15, 5), { end: 5 + maxPauseMs, clamped: true })
})

test('jitter makes a pause slightly longer, never shorter', () => {
  const gate = createPauseGate(() => 0.999)
  assert.equal(gate.pause(10_000, 0).end, 10_200)
  assert.ok(gate.pause(600_000, 0).end <= 600_500)
})
