import { formatCount, plural } from '../core/format.js'
import { fewestMinutes } from './trend.js'

/** @import { Trend } from './trend.js' */

/**
 * Whether the number of pending events grows, as sentences that agree with the number above them.
 * @param {Trend | undefined} trend @param {boolean} paused by an operator
 */
export function trendWords(trend, paused) {
  if (trend === undefined) return `The trend appears after ${fewestMinutes} minutes of values.`
  if (paused) return 'While delivery is paused, it grows by each event that comes in.'
  if (trend.stopped && trend.direction !== 'growing')
    return `Delivery stopped for a while in the last ${trend.lows.length} minutes, so they show no trend.`
  const lows = `The lowest number in each of the last ${trend.lows.length} minutes: ${trend.lows.map(formatCount).join(', ')}.`
  return `It is ${directionWords(trend)}. ${lows}${reasonWords(trend)}`
}

/** @param {Trend} trend */
function directionWords({ direction, perMinute, rates }) {
  const speed = direction === 'steady' ? '' : ` by about ${formatCount(perMinute)} a minute`
  if (rates === undefined) return `${direction}${speed}`
  const { accepted, settled } = rates
  const settledWords = `${formatCount(settled)} ${settled === 1 ? 'was' : 'were'} settled`
  return `${direction}${speed}: ${plural(accepted, 'event')} a minute came in and ${settledWords}, counting those that needed no API call`
}

/** @param {Trend} trend */
const reasonWords = ({ direction }) =>
  direction === 'steady'
    ? ' In each minute, the number rises while the rate budget is used up, and falls when the next window starts.'
    : ''
