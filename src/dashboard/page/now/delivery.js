import { html } from 'htm/preact'
import { formatCount, formatSetting, plural } from '../core/format.js'
import { samples, startedAt } from '../core/live.js'
import { linkTo } from '../core/route.js'
import { Time } from '../parts/time.js'
import { waitsIn } from '../parts/waiting.js'
import { othersSpend } from './budget.js'
import { budgetVerdict } from './budget-verdict.js'
import { recentOutcomes } from './recent-outcomes.js'
import { stateOf } from './state.js'

/** @import { Status } from '../../answer-types.ts' */
/** @import { Trend } from './trend.js' */

/** Whether the service delivers, and if not, why and what to do. @param {{ current: Status, trend: Trend | undefined }} properties */
export function Delivery({ current, trend }) {
  const { delivery, store, inbox, load, lifecycle } = current.health.checks
  const refusing = [lifecycle, store, inbox, load].filter(({ ok }) => !ok)
  const recent = recentOutcomes(current, samples.value, startedAt.value)
  const budgetTrend = trend?.stopped ? undefined : trend
  const { tone, title } = stateOf(current, recent, budgetTrend?.direction)
  const paused = delivery.code === 'paused_by_operator'
  return html`<section class=${`headline ${tone}`} aria-label="Delivery">
    <h2>${title}${current.status?.delivery.waitsUntil && html`; the next calls start at <${Time} at=${current.status.delivery.waitsUntil} />`}</h2>
    ${delivery.reason && !paused && html`<p><bdi>${delivery.reason}</bdi>${delivery.cause ? html` (<bdi>${delivery.cause}</bdi>)` : ''}</p>`}
    ${current.status && html`<${Why} status=${current.status} trend=${budgetTrend} />`}
    ${delivery.remedy && !paused && html`<p><strong>What to do:</strong> ${delivery.remedy}</p>`}
    ${refusing.map(({ reason, ...check }) => html`<p class="refusing"><strong>Senders get 503:</strong> <bdi>${reason}</bdi>. ${'remedy' in check ? check.remedy : ''}</p>`)}
    <p>${wordsForWork(current)}</p>
    ${recent.dead > 0 && html`<p>In the last hour, ${formatCount(recent.failed)} failed and ${formatCount(recent.delivered)} were applied or needed no change. ${plural(current.status?.inbox.dead ?? 0, 'dead letter')} ${current.status?.inbox.dead === 1 ? 'is' : 'are'} kept now. <a href=${linkTo('dead-letters')}>Show reasons and remedies</a></p>`}
  </section>`
}

/** Why no call is made now. @param {{ status: NonNullable<Status['status']>, trend: Trend | undefined }} properties */
function Why({ status: { delivery, ages, inbox }, trend }) {
  const { pausedBy, pausedUntil, pausedSince, reason, openSince, nextTryAt, waitsFor, budget } = delivery
  if (pausedBy === 'operator')
    return html`<p>${reason === null ? 'No reason given' : html`Reason: <bdi>${reason}</bdi>`}. Since <${Time} at=${pausedSince} />.</p>
      <p><strong>What to do:</strong> When the reason is gone, resume delivery. <a href=${linkTo('controls')}>Resume it in Controls</a>. Until then, events are accepted and wait; an event that waits longer than ${formatSetting(ages.eventMaxAgeMs)} becomes a dead letter.</p>`
  if (pausedUntil !== null)
    return html`<p>Genesys Cloud refused calls (429)${othersSpend(budget) ? `: ${formatCount(budget.others)} of ${formatCount(budget.allowed)} were used by other programs with the same OAuth client` : ''}. Calls start again at <${Time} at=${pausedUntil} />.</p>
      <p><strong>What to do:</strong> Nothing at once: the events wait and are delivered then. ${othersSpend(budget) ? 'If this happens often, give this service an OAuth client of its own.' : ''}</p>`
  if (waitsFor === 'rate_budget')
    return html`<${SpentBudget} budget=${budget} trend=${trend} replayed=${inbox.replayed} />`
  if (openSince !== null)
    return html`<p>Since <${Time} at=${openSince} />. <${NextTry} at=${nextTryAt} /></p>`
  return null
}

/** @param {{ budget: import('./budget.js').BudgetNumbers, trend: Trend | undefined, replayed: number }} properties */
function SpentBudget({ budget, trend, replayed }) {
  const { verdict, remedy } = budgetVerdict(trend, othersSpend(budget), replayed)
  return html`<p>${verdict}</p>
    ${remedy && html`<p><strong>What to do:</strong> ${remedy}</p>`}
    <p>No call is left in this window: of ${formatCount(budget.allowed)}, this service made ${formatCount(budget.own)} and other programs ${formatCount(budget.others)}.</p>`
}

/** @param {{ at: string | null }} properties */
const NextTry = ({ at }) =>
  at !== null && Date.parse(at) > Date.now()
    ? html`Next try at <${Time} at=${at} />.`
    : 'The service tries again with the next pending event.'

/** @param {Status} current */
function wordsForWork({ status }) {
  if (status === null) return 'The inbox cannot be read.'
  if (status.inbox.pending === 0) return 'No event waits.'
  return `${plural(status.inbox.pending, 'event')} pending. ${waitsIn(status.inbox)}.`
}
