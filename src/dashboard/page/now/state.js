/** @import { Status } from '../../answer-types.ts' */
/** @import { RecentOutcomes } from './recent-outcomes.js' */

/** @typedef {{ tone: 'good' | 'warn' | 'bad', title: string }} State */

/**
 * The state of delivery as a colour and a title.
 * @param {Status} current @param {RecentOutcomes} recent
 * @returns {State}
 */
export function stateOf(current, recent) {
  const hindrance = hindranceOf(current)
  if (hindrance !== undefined) return hindrance
  const tone = receives(current) ? 'warn' : 'bad'
  if (current.status?.delivery.waitsFor === 'rate_budget')
    return { tone, title: 'Waiting for the rate budget' }
  if (recent.mostlyDead) return { tone, title: 'Delivering, but many events fail' }
  return { tone: receives(current) ? 'good' : 'bad', title: 'Delivering' }
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
