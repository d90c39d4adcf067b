import { formatCount, plural } from '../core/format.js'
import { unchangedReasons } from './unchanged-reasons.js'

/** @import { EventItem } from '../../answer-types.ts' */

/** @type {readonly EventItem['state'][]} */
const states = ['applied', 'unchanged', 'pending', 'dead']

/** What became of events, in one line. `more`: there are older ones. @param {readonly EventItem[]} items @param {boolean} more */
export function summaryOf(items, more) {
  const count = (/** @type {string} */ state) => items.filter((event) => event.state === state).length
  const counts = states
    .filter((state) => count(state) > 0)
    .map((state) => `${formatCount(count(state))} ${state}${state === 'unchanged' ? reasonsOf(items) : ''}`)
  const applied = items.filter(({ state }) => state === 'applied')
  const names = [...new Set(applied.flatMap(({ attributeNames }) => attributeNames))].sort()
  const set = names.length === 0 ? 'no attribute set' : `attributes set: ${names.join(', ')}`
  return `${more ? 'The newest ' : ''}${plural(items.length, 'event')}: ${counts.join(', ')}; ${set}.`
}

/** @param {readonly EventItem[]} items */
function reasonsOf(items) {
  const known = items.flatMap(({ reason }) => (reason ? [reason] : []))
  const counts = [...Map.groupBy(known, (reason) => reason)].map(
    ([reason, same]) => `${unchangedReasons[reason]}: ${formatCount(same.length)}`,
  )
  return counts.length === 0 ? '' : ` (${counts.join(', ')})`
}
