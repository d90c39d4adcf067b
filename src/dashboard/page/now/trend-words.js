import { formatCount, plural } from '../core/format.js'
import { fewestMinutes } from './trend.js'

/** @import { Trend } from './trend.js' */

/**
 * Whether the number of pending events grows, as sentences that agree with the number above them.
 * @param {Trend | undefined} trend @param {boolean} paused by an operator
 */
export function trendWords(trend, paused) {
  if (trend === undefined) return `The trend appears after ${fewestMinutes} minutes of values.`
  const lows = `The lowest number in each of the last ${trend.lows.length} minutes: ${trend.lows.map(formatCount).join(', ')}.`
  return `${lows} It is ${directionWords(trend, paused)}.${reasonWords(trend, paused)}`
}

/** @param {Trend} trend @param {boolean} paused */
function directionWords({ direction, perMinute, rates }, paused) {
  const speed = direction === 'steady' ? '' : ` by about ${formatCount(perMinute)} a minute`
  if (paused) return `${direction}${speed}${direction === 'growing' ? ', because delivery is paused' : ''}`
  if (rates === undefined) return `${direction}${speed}`
  const { accepted, settled } = rates
  const settledWords = `${formatCount(settled)} ${settled === 1 ? 'was' : 'were'} settled`
  return `${direction}${speed}: ${plural(accepted, 'event')} a minute came in and ${settledWords}, counting those that needed no API call`
}

/** @param {Trend} trend @param {boolean} paused */
const reasonWords = ({ direction }, paused) =>
  direction === 'steady' && !paused
    ? ' In each minute, the number rises while the rate budget is used up, and falls when the next window starts.'
    : ''
