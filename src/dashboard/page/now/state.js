/** @import { Status } from '../../answer-types.ts' */
/** @import { RecentOutcomes } from './recent-outcomes.js' */
/** @import { Trend } from './trend.js' */

/** @typedef {{ tone: 'good' | 'warn' | 'bad' | 'calm', title: string }} State */

/**
 * The state of delivery as a colour and a title.
 * @param {Status} current @param {RecentOutcomes} recent @param {Trend['direction'] | undefined} direction of the number of pending events
 * @returns {State}
 */
export function stateOf(current, recent, direction) {
  const hindrance = hindranceOf(current)
  if (hindrance !== undefined) return hindrance
  const toneOf = (/** @type {State['tone']} */ tone) => (receives(current) ? tone : 'bad')
  const waits = current.status?.delivery.waitsFor === 'rate_budget'
  if (waits && direction === 'growing')
    return { tone: toneOf('warn'), title: 'Delivering, but the rate budget is not enough' }
  if (recent.mostlyDead) return { tone: toneOf('warn'), title: 'Delivering, but many events fail' }
  if (waits)
    return {
      tone: toneOf('calm'),
      title: `Delivering, ${direction === undefined ? 'up to' : 'in step with'} the rate budget`,
    }
  return { tone: toneOf('good'), title: 'Delivering' }
}

/**
 * Why this service does not deliver as usual, for every view. Undefined: it does; that the rate budget is used up is usual.
 * @param {Status} current
 * @returns {State | undefined}
 */
export function hindranceOf(current) {
  const { delivery, lifecycle } = current.health.checks
  const tone = receives(current) ? 'warn' : 'bad'
  if (lifecycle.reason === 'draining') return { tone, title: 'Shutting down' }
  if (delivery.code === 'paused_by_operator') return { tone, title: 'Paused by an operator' }
  const nodes = current.status?.nodes ?? []
  if (nodes.some(({ answers, delivers }) => answers && !delivers))
    return nodes.some(({ delivers }) => delivers)
      ? { tone: receives(current) ? 'good' : 'bad', title: 'This node stands by: another one delivers' }
      : { tone: 'bad', title: 'No node delivers' }
  if (delivery.state === 'paused') return { tone, title: 'Waiting: Genesys Cloud refused calls' }
  if (delivery.state === 'open') return { tone: 'bad', title: 'Not delivering' }
  if (!delivery.ok) return { tone, title: 'Delivering, but the last calls failed' }
  if (delivery.dryRun) return { tone, title: 'Dry run: no attributes are set' }
  return undefined
}

/** @param {Status} current */
const receives = ({ health: { checks } }) =>
  [checks.lifecycle, checks.load, checks.store, checks.inbox].every(({ ok }) => ok)
