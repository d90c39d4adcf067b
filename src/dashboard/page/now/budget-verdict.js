import { formatCount, plural } from '../core/format.js'
import { waits } from '../parts/waiting.js'

/** @import { Trend } from './trend.js' */

/**
 * Whether the rate budget is enough for the events that come in. `remedy`: only if it is not.
 * @param {Trend | undefined} trend @param {boolean} othersSpend whether other programs spend a part of the budget
 * @param {number} replayed events that wait for a call that live events leave
 * @returns {{ verdict: string, remedy?: string }}
 */
export function budgetVerdict(trend, othersSpend, replayed) {
  if (trend === undefined)
    return {
      verdict: `The events wait for the next window. The page says whether the budget is enough after 5 minutes of delivery.`,
    }
  const { direction, perMinute } = trend
  if (direction === 'growing')
    return {
      verdict: `The budget is not enough: about ${plural(perMinute, 'event')} a minute more come in than are settled.`,
      remedy: `Let the rules match fewer events${othersSpend ? ', give this service an OAuth client of its own,' : ''} or ask Genesys for a higher limit. All attributes of an event go in one call, so fewer attributes save nothing.`,
    }
  const balance =
    direction === 'falling'
      ? `about ${formatCount(perMinute)} events a minute more are settled than come in`
      : 'about as many events are settled as come in'
  if (replayed === 0) return { verdict: `The budget is enough: ${balance}. Nothing to do.` }
  const waiting = `${waits(replayed, 'replayed event')} for calls that live events leave`
  return { verdict: `The budget is enough for live events: ${balance}. But ${waiting}.` }
}
