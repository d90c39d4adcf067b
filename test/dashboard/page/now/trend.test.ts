import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { trendOf } = await pageModule('now/trend.js')

const start = Date.parse('2026-02-03T10:00:00Z')
const sampleOf = (second: number, fields: object) => ({
  at: new Date(start + second * 1_000).toISOString(),
  accepted: 0,
  applied: 0,
  unchanged: 0,
  dead: 0,
  calls: 1,
  ...fields,
})

interface Traffic {
  readonly perMinute: number
  /** Calls in a rate window, spent as fast as `callsPerSecond` at its start. */
  readonly budget: number
  readonly windowSeconds?: number
  readonly callsPerSecond?: number
  readonly phase?: number
  readonly pending?: number
}

/** 40 samples of 10 seconds. The first one is `phase` seconds after the start of a rate window. */
function samplesOf({
  perMinute,
  budget,
  windowSeconds = 60,
  callsPerSecond = 15,
  phase = 0,
  pending = 1_000,
}: Traffic) {
  let waiting = pending
  let [arrived, left, accepted, applied] = [0, budget, 0, 0]
  const samples: ReturnType<typeof sampleOf>[] = []
  for (let second = 0; second < phase + 400; second += 1) {
    if (second % windowSeconds === 0) left = budget
    arrived += perMinute / 60
    const came = Math.floor(arrived)
    arrived -= came
    waiting += came
    const calls = Math.min(waiting, left, callsPerSecond)
    left -= calls
    waiting -= calls
    accepted += came
    applied += calls
    if (second < phase || (second - phase) % 10 !== 0) continue
    samples.push(sampleOf(second, { accepted, applied, calls: applied, pending: waiting }))
    accepted = 0
    applied = 0
  }
  return samples
}

/** Samples whose lowest number in each minute is the given one. */
const withLows = (lows: readonly number[]) => [
  sampleOf(-10, { pending: 10_000 }),
  ...lows.flatMap((low, minute) =>
    [30, 0, 10, 20, 30, 1_000].map((more, index) =>
      sampleOf(minute * 60 + index * 10, { pending: low + more }),
    ),
  ),
]

const phases = Array.from({ length: 13 }, (_, index) => index * 5)
/** A window ends with the first call after its 60 seconds, so it can last longer. */
const windows = [60, 61, 63]
const speeds = [5, 15, 300]

const directions = (traffic: Traffic) =>
  new Set(
    phases.flatMap((phase) =>
      windows.flatMap((windowSeconds) =>
        speeds.map(
          (callsPerSecond) =>
            trendOf(
              samplesOf({
                ...traffic,
                budget: Math.round((traffic.budget * windowSeconds) / 60),
                phase,
                windowSeconds,
                callsPerSecond,
              }),
              true,
            ).direction,
        ),
      ),
    ),
  )

test('a number that rises and falls within each rate window is steady, wherever the samples begin', () => {
  for (const perMinute of [6, 60, 240])
    for (const pending of [0, 44, 3_000]) {
      const name = `${perMinute} a minute, ${pending} pending`
      assert.deepEqual(directions({ perMinute, budget: perMinute, pending }), new Set(['steady']), name)
    }
})

test('a backlog with more budget than events falls, and then the number is steady', () => {
  assert.deepEqual(directions({ perMinute: 100, budget: 130, pending: 5_000 }), new Set(['falling']))
  assert.deepEqual(directions({ perMinute: 100, budget: 130, pending: 0 }), new Set(['steady']))
})

test('with more events than budget, the number grows', () => {
  for (const [perMinute, budget] of [
    [240, 200],
    [120, 105],
    [12, 6],
  ] as const)
    for (const pending of [50, 3_000]) {
      const found = directions({ perMinute, budget, pending })
      assert.deepEqual(found, new Set(['growing']), `${perMinute} a minute, ${pending} pending`)
    }
})

test('all low points count: a burst in some minutes is no trend', () => {
  for (const [lows, direction] of [
    [[44, 63, 80, 44, 44], 'steady'],
    [[44, 44, 44, 44, 200], 'steady'],
    [[200, 44, 44, 44, 44], 'steady'],
    [[0, 0, 0, 0, 0], 'steady'],
    [[44, 45, 46, 46, 47], 'steady'],
    [[44, 144, 244, 230, 344], 'growing'],
    [[0, 100, 200, 300, 400], 'growing'],
    [[400, 300, 310, 200, 100], 'falling'],
  ] as const) {
    const trend = trendOf(withLows(lows), false)
    assert.deepEqual([trend.direction, trend.lows], [direction, lows], String(lows))
  }
})

test('the rates are those between the low points, and are left out if they do not agree or other nodes count too', () => {
  const growing = samplesOf({ perMinute: 120, budget: 90 })
  const { direction, perMinute, rates } = trendOf(growing, true)
  assert.deepEqual([direction, Math.round(perMinute)], ['growing', 30])
  assert.deepEqual(rates, { accepted: 120, settled: 90 })
  assert.equal(trendOf(growing, false).rates, undefined)
  const replayed = growing.map((sample) => ({ ...sample, accepted: 0 }))
  assert.equal(trendOf(replayed, true).rates, undefined)
})

test('a minute without a call although events wait marks the trend, as after a pause', () => {
  const growing = samplesOf({ perMinute: 120, budget: 90 })
  assert.equal(trendOf(growing, true).stopped, false)
  const idle = growing.map((sample) => ({ ...sample, calls: 0, pending: 0 }))
  assert.equal(trendOf(idle, true).stopped, false)
  const resumed = growing.map((sample, index) => ({ ...sample, calls: index < 36 ? 0 : 15 }))
  assert.equal(trendOf(resumed, true).stopped, true)
})

test('there is no trend before 4 whole minutes, or while the inbox cannot be read', () => {
  const samples = samplesOf({ perMinute: 120, budget: 90 })
  assert.equal(trendOf(samples.slice(0, 24), true), undefined)
  assert.equal(trendOf(samples.slice(0, 25), true).lows.length, 4)
  assert.equal(trendOf(samples, true).lows.length, 5)
  assert.equal(
    trendOf(
      samples.map((sample) => ({ ...sample, pending: null })),
      true,
    ),
    undefined,
  )
})
