import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOverload } from '../../src/ingest/overload.ts'

const create = () => createOverload({ maxLateMs: 1_000, lateTicks: 3, quietTicks: 4 })

/** The cause after each tick of [delay in ms, requests refused for memory]. */
function causes(...ticks: readonly (readonly [lateMs: number, withoutRoom?: number])[]) {
  const overload = create()
  return ticks.map(([lateMs, withoutRoom = 0]) => {
    overload.tick(lateMs, withoutRoom)
    return overload.cause()
  })
}

test('one long pause, or several with time between them, are not an overload', () => {
  assert.deepEqual(new Set(causes([0], [3_600_000], [0])), new Set([undefined]))
  assert.deepEqual(
    new Set(causes([5_000], [5_000], [10], [5_000], [5_000], [10], [5_000])),
    new Set([undefined]),
  )
})

test('consecutive late ticks are an overload until enough ticks are quiet', () => {
  assert.deepEqual(causes([1_001], [1_001], [1_001], [1_001], [0], [0], [0], [0]), [
    undefined,
    undefined,
    ...Array(5).fill('event_loop'),
    undefined,
  ])
})

test('a late tick restarts the count of quiet ticks', () => {
  const late = [[2_000], [2_000], [2_000]] as const
  assert.equal(causes(...late, [0], [0], [0], [2_000], [0], [0], [0]).at(-1), 'event_loop')
})

test('a tick delayed by exactly maxLateMs is not late', () => {
  assert.deepEqual(new Set(causes([1_000], [1_000], [1_000], [1_000])), new Set([undefined]))
})

test('a refusal for memory is an overload at once', () => {
  assert.deepEqual(causes([0, 2], [0], [0, 1], [0], [0], [0], [0]), [...Array(6).fill('memory'), undefined])
})

test('event_loop takes precedence over memory', () => {
  assert.equal(causes([2_000, 1], [2_000, 1], [2_000, 1]).at(-1), 'event_loop')
})
