import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { trendWords } = await pageModule('now/trend-words.js')

const lows = [44, 63, 80, 44, 1_044]
const said = 'The lowest number in each of the last 5 minutes: 44, 63, 80, 44, 1,044.'

test('the trend gives the numbers that it is judged by, and explains why a steady number moves', () => {
  const steady = `It is steady. ${said} In each minute, the number rises while the rate budget is used up, and falls when the next window starts.`
  assert.equal(trendWords({ direction: 'steady', lows, perMinute: 0 }, false), steady)
  assert.equal(
    trendWords({ direction: 'growing', lows, perMinute: 20, rates: { accepted: 120, settled: 100 } }, false),
    `It is growing by about 20 a minute: 120 events a minute came in and 100 were settled, counting those that needed no API call. ${said}`,
  )
  assert.equal(
    trendWords({ direction: 'falling', lows, perMinute: 0.5 }, false),
    `It is falling by about 0.5 a minute. ${said}`,
  )
})

test('minutes without delivery make no steady trend', () => {
  const grows = 'While delivery is paused, it grows by each event that comes in.'
  assert.equal(trendWords({ direction: 'steady', lows, perMinute: 0, stopped: false }, true), grows)
  assert.equal(
    trendWords({ direction: 'steady', lows, perMinute: 0, stopped: true }, false),
    'Delivery stopped for a while in the last 5 minutes, so they show no trend.',
  )
  assert.match(
    trendWords({ direction: 'growing', lows, perMinute: 20, stopped: true }, false),
    /^It is growing by about 20 a minute/,
  )
})

test('without enough values, it says when the trend appears', () => {
  assert.equal(trendWords(undefined, false), 'The trend appears after 4 minutes of values.')
})
