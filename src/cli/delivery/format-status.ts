import { errorCatalogue, errorEntry } from '../../errors.ts'
import type { AdminStatus } from '../admin/answers.ts'
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

function formatDelivery(delivery: Delivery, now: number): readonly string[] {
  const { state, pausedBy, pausedSince, pausedUntil, reason } = delivery
  if (pausedBy === 'operator')
    return [
      `paused by an operator${pausedSince === null ? '' : ` since ${formatTime(pausedSince)}`}${reason === null ? '' : `: ${reason}`}`,
      'Events are accepted and stay pending; EVENT_MAX_AGE_MS still counts. Resume with: genesys-enricher delivery resume',
    ]
  if (pausedUntil !== null)
    return [
      `paused after a 429, for ${formatDuration(Date.parse(pausedUntil) - now)} more`,
      errorCatalogue.rate_limited.remedy,
    ]
  if (reason === null) return [state]
  const entry = errorEntry(reason)
  return entry === undefined
    ? [`${state}: ${reason}`]
    : [`${state}: ${entry.title} (${reason})`, entry.remedy]
}

function formatBudget({ allowed, remaining, resetAt }: Delivery['budget'], now: number): string {
  const left = `${remaining.toLocaleString('en-US')} of ${count(allowed, 'call')} left`
  if (resetAt === null) return left
  return `${left}, reset at ${formatTime(resetAt)} (in ${formatDuration(Date.parse(resetAt) - now)})`
}
