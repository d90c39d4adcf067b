import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { trendOf } = await pageModule('now/trend.js')

const start = Date.parse('2026-02-03T10:00:00Z')

/**
 * Samples of 10 seconds: `accepted` events in each, and in the first one of each minute the calls of a rate window settle up to
 * `settledPerMinute` events.
 */
function samplesOf(count: number, accepted: number, settledPerMinute: number, pending = 1_000) {
  let left = pending
  return Array.from({ length: count }, (_, index) => {
    const applied = index % 6 === 0 ? settledPerMinute : 0
    left += accepted - applied
    const at = new Date(start + index * 10_000).toISOString()
    return { at, accepted, applied, unchanged: 0, dead: 0, pending: left }
  })
}

test('the number of pending events grows, falls or is steady, by the counts between the low points of two windows', () => {
  assert.equal(
    trendOf(samplesOf(40, 20, 110), true),
    'In the last 5 min, 120 events a minute came and 110 were settled: the number is growing.',
  )
  assert.equal(
    trendOf(samplesOf(40, 10, 110), true),
    'In the last 5 min, 60 events a minute came and 110 were settled: the number is falling.',
  )
  assert.match(trendOf(samplesOf(40, 20, 120), true), /120 were settled: the number is steady\.$/)
})

test('whatever part of a rate window the samples end in, the trend is the same', () => {
  for (let count = 36; count < 48; count += 1) {
    assert.match(trendOf(samplesOf(count, 20, 120), true), /the number is steady\.$/, String(count))
    assert.match(trendOf(samplesOf(count, 20, 100), true), /the number is growing\.$/, String(count))
  }
})

test('a few events are no trend, and rates below 10 have a decimal', () => {
  const quiet = samplesOf(40, 0, 0, 2).map((sample, index) => ({ ...sample, accepted: index === 20 ? 2 : 0 }))
  assert.equal(
    trendOf(quiet, true),
    'In the last 5 min, 0.4 events a minute came and 0 were settled: the number is steady.',
  )
})

test('with several nodes, only the number of pending events counts: the other counts are those of one node', () => {
  const samples = samplesOf(40, 20, 110).map((sample) => ({ ...sample, accepted: 0 }))
  assert.match(
    trendOf(samples, false),
    /^In the last 5 min, the number went from [\d,]+ to [\d,]+: it is \w+\.$/,
  )
  assert.match(trendOf(samplesOf(40, 40, 110), false), /: it is growing\.$/)
})

test('there is no trend before three minutes have passed, or while the inbox cannot be read', () => {
  assert.equal(trendOf(samplesOf(17, 20, 110), true), undefined)
  const unread = samplesOf(40, 20, 110).map((sample) => ({ ...sample, pending: null }))
  assert.equal(trendOf(unread, true), undefined)
})
