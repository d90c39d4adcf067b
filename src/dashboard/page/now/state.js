/** @import { Status } from '../../answer-types.ts' */
/** @import { RecentOutcomes } from './recent-outcomes.js' */

/**
 * The state of delivery as a colour and a title.
 * @param {Status} current @param {RecentOutcomes} recent
 * @returns {{ tone: 'good' | 'warn' | 'bad', title: string }}
 */
export function stateOf({ health, status }, recent) {
  const { delivery, lifecycle, load, store, inbox } = health.checks
  const receives = [lifecycle, load, store, inbox].every(({ ok }) => ok)
  const tone = receives ? 'warn' : 'bad'
  if (lifecycle.reason === 'draining') return { tone, title: 'Shutting down' }
  if (delivery.code === 'paused_by_operator') return { tone, title: 'Paused by an operator' }
  if (delivery.state === 'paused') return { tone, title: 'Waiting: Genesys Cloud refused calls' }
  if (delivery.state === 'open') return { tone: 'bad', title: 'Not delivering' }
  if (!delivery.ok) return { tone, title: 'Delivering, but the last calls failed' }
  if (delivery.dryRun) return { tone, title: 'Dry run: no attributes are set' }
  if (status?.delivery.waitsFor === 'rate_budget') return { tone, title: 'Waiting for the rate budget' }
  if (recent.mostlyDead) return { tone, title: 'Delivering, but many events fail' }
  return { tone: receives ? 'good' : 'bad', title: 'Delivering' }
}
