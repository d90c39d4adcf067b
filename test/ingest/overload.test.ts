import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOverload } from '../../src/ingest/overload.ts'

const create = () => createOverload({ maxLateMs: 1_000, lateTicks: 3, quietTicks: 4 })

/** The cause after each tick: how late it was, and how many requests had found no room. */
function causes(...ticks: readonly (readonly [lateMs: number, withoutRoom?: number])[]) {
  const overload = create()
  return ticks.map(([lateMs, withoutRoom = 0]) => {
    overload.tick(lateMs, withoutRoom)
    return overload.cause()
  })
}

test('one pause is no overload, however long; nor are several with time between them', () => {
  assert.deepEqual(new Set(causes([0], [3_600_000], [0])), new Set([undefined]))
  assert.deepEqual(
    new Set(causes([5_000], [5_000], [10], [5_000], [5_000], [10], [5_000])),
    new Set([undefined]),
  )
})

test('late turn after late turn is one, until all is quiet for long enough', () => {
  assert.deepEqual(causes([1_001], [1_001], [1_001], [1_001], [0], [0], [0], [0]), [
    undefined,
    undefined,
    ...Array(5).fill('event_loop'),
    undefined,
  ])
})

test('a single late turn while it ends makes the quiet begin anew', () => {
  const late = [[2_000], [2_000], [2_000]] as const
  assert.equal(causes(...late, [0], [0], [0], [2_000], [0], [0], [0]).at(-1), 'event_loop')
})

test('turns of the time allowed are not late', () => {
  assert.deepEqual(new Set(causes([1_000], [1_000], [1_000], [1_000])), new Set([undefined]))
})

test('no room in memory is one at once', () => {
  assert.deepEqual(causes([0, 2], [0], [0, 1], [0], [0], [0], [0]), [...Array(6).fill('memory'), undefined])
})

test('of both, the event loop is told: then nothing more begins at all', () => {
  assert.equal(causes([2_000, 1], [2_000, 1], [2_000, 1]).at(-1), 'event_loop')
})
