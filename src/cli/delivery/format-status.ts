import { errorCatalogue } from '../../errors.ts'
import type { AdminStatus } from '../admin-client.ts'
import { count, formatDuration, formatFields, formatTime } from '../format.ts'

/** The status as lines for people. `now`: epoch ms. */
export function formatStatus({ inbox, delivery }: AdminStatus, now: number): string {
  const { pending, inFlight, dead, oldestPendingMs } = inbox
  const oldest = oldestPendingMs === null ? '' : `, the oldest for ${formatDuration(oldestPendingMs)}`
  return formatFields([
    ['Delivery', formatDelivery(delivery, now)],
    ['Budget', [formatBudget(delivery.budget, now)]],
    ['Pending', [`${count(pending, 'event')}${oldest}`]],
    ['In flight', [count(inFlight, 'participant')]],
    [
      'Dead letters',
      dead === 0 ? ['0'] : [`${dead.toLocaleString('en-US')}: genesys-enricher dead-letters list`],
    ],
  ])
}

type Delivery = AdminStatus['delivery']

function formatDelivery({ state, pausedUntil, reason }: Delivery, now: number): readonly string[] {
  if (state === 'paused' && pausedUntil !== null)
    return [
      `paused after a 429, for ${formatDuration(Date.parse(pausedUntil) - now)} more`,
      errorCatalogue.rate_limited.remedy,
    ]
  if (reason === null) return [state]
  const { title, remedy } = errorCatalogue[reason]
  return [`${state}: ${title} (${reason})`, remedy]
}

function formatBudget({ allowed, remaining, resetAt }: Delivery['budget'], now: number): string {
  const left = `${remaining.toLocaleString('en-US')} of ${count(allowed, 'call')} left`
  if (resetAt === null) return left
  return `${left}, reset at ${formatTime(resetAt)} (in ${formatDuration(Date.parse(resetAt) - now)})`
}
