import { failureInWords } from '../../cel/expression-errors.ts'
import { errorCatalogue, errorEntry } from '../../errors.ts'
import type { AdminStatus } from '../admin/answers.ts'
import { count, formatDuration, formatFields, formatTime, grouped, quoted } from '../format.ts'
import { formatNodes } from './format-nodes.ts'

/** The status as lines for people. `now`: epoch ms. */
export function formatStatus({ inbox, delivery, totals, failures, nodes }: AdminStatus, now: number): string {
  const mostFirst = failures.dead.toSorted((a, b) => b.count - a.count)
  const { inFlight, dead } = inbox
  const nodeLines = formatNodes(nodes)
  return formatFields([
    ['Delivery', formatDelivery(delivery, now)],
    ['Budget', [formatBudget(delivery.budget, now)]],
    ['Pending', [formatPending(inbox)]],
    ['In flight', [count(inFlight, 'participant')]],
    ['Dead letters', dead === 0 ? ['0'] : [`${grouped(dead)}: genesys-enricher dead-letters list`]],
    ['Since start', formatTotals(totals)],
    ...(failures.dead.length === 0 ? [] : [['Given up', mostFirst.map(formatDead)] as const]),
    ...(failures.undecided.length === 0
      ? []
      : [['Undecided', failures.undecided.map(formatUndecided)] as const]),
    ...(nodeLines.length === 0 ? [] : [['Nodes', nodeLines] as const]),
  ])
}

/** Replayed events apart: they wait for all others, so they can be much older. */
function formatPending({ pending, replayed, oldestLiveMs, oldestReplayedMs }: AdminStatus['inbox']): string {
  const forLongest = (ageMs: number | null) =>
    ageMs === null ? '' : `, the oldest for ${formatDuration(ageMs)}`
  const live = `${count(pending - replayed, 'event')}${forLongest(oldestLiveMs)}`
  return replayed === 0 ? live : `${live}; and ${grouped(replayed)} replayed${forLongest(oldestReplayedMs)}`
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
  if (delivery.waitsFor === 'rate_budget')
    return [
      `${state}, waits for the rate budget${delivery.waitsUntil === null ? '' : ` until ${formatTime(delivery.waitsUntil)}`}`,
    ]
  if (reason === null) return [state]
  const entry = errorEntry(reason)
  return entry === undefined
    ? [`${state}: ${reason}`]
    : [`${state}: ${entry.title} (${reason})`, entry.remedy]
}

/** What came in, and what became of it. */
const formatTotals = (totals: AdminStatus['totals']): readonly string[] => [
  formatCounts(totals, ['accepted', 'duplicates', 'ignored', 'rejected']),
  formatCounts(totals, ['applied', 'unchanged', 'dead', 'undecided']),
]

const formatCounts = (totals: AdminStatus['totals'], names: readonly string[]): string =>
  names.map((name) => `${name} ${grouped(totals[name] ?? 0)}`).join(', ')

type Failures = AdminStatus['failures']

const formatDead = ({ code, count: times }: Failures['dead'][number]): string => `${code} ${grouped(times)}`

const formatUndecided = ({ rule, count: times, ...reason }: Failures['undecided'][number]): string =>
  `${quoted(rule)} ${count(times, 'time')}: ${failureInWords(reason)}`

function formatBudget({ allowed, remaining, resetAt, assumed }: Delivery['budget'], now: number): string {
  const left = `${grouped(remaining)} of ${count(allowed, 'call')} left`
  if (assumed) return `${left} (assumed: no answer of Genesys Cloud has reported its limit yet)`
  if (resetAt === null) return left
  return `${left}, reset at ${formatTime(resetAt)} (in ${formatDuration(Date.parse(resetAt) - now)})`
}
