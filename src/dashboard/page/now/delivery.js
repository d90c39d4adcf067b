import { html } from 'htm/preact'
import { formatDuration, plural } from '../core/format.js'
import { linkTo } from '../core/route.js'
import { Time } from '../parts/time.js'

/** @import { Status } from '../../answer-types.ts' */

/** Whether the service delivers, and if not, why and what to do. @param {{ current: Status }} properties */
export function Delivery({ current }) {
  const { delivery, store, inbox, load, lifecycle } = current.health.checks
  const pause = current.status?.delivery
  const refusing = [lifecycle, store, inbox, load].filter(({ ok }) => !ok)
  return html`<section class=${`headline ${toneOf(current)}`} aria-label="Delivery">
    <h2>${titleOf(current)}</h2>
    ${delivery.reason && delivery.code !== 'paused_by_operator' && html`<p><bdi>${delivery.reason}</bdi>${delivery.cause ? html` (<bdi>${delivery.cause}</bdi>)` : ''}</p>`}
    ${pause?.pausedBy === 'operator' && html`<p>Reason: <bdi>${pause.reason}</bdi>. Since <${Time} at=${pause.pausedSince} />. <a href=${linkTo('controls')}>Resume</a></p>`}
    ${pause?.pausedUntil && html`<p>Calls start again at <${Time} at=${pause.pausedUntil} />.</p>`}
    ${delivery.remedy && html`<p><strong>What to do:</strong> ${delivery.remedy}</p>`}
    ${refusing.map(({ reason, ...check }) => html`<p class="refusing"><strong>Senders get 503:</strong> <bdi>${reason}</bdi>. ${'remedy' in check ? check.remedy : ''}</p>`)}
    ${toneOf(current) === 'good' && html`<p>${wordsForWork(current)}</p>`}
  </section>`
}

/** @param {Status} current */
function toneOf({ health }) {
  const { delivery, lifecycle, load, store, inbox } = health.checks
  if (![lifecycle, load, store, inbox].every(({ ok }) => ok)) return 'bad'
  if (delivery.ok && delivery.state === 'running' && !delivery.dryRun) return 'good'
  return delivery.state === 'open' ? 'bad' : 'warn'
}

/** @param {Status} current */
function titleOf({ health }) {
  const { state, code, ok, dryRun } = health.checks.delivery
  if (health.checks.lifecycle.reason === 'draining') return 'Shutting down'
  if (code === 'paused_by_operator') return 'Paused by an operator'
  if (state === 'paused') return 'Waiting after a 429'
  if (state === 'open') return 'Not delivering'
  if (!ok) return 'Delivering, but the last calls failed'
  return dryRun ? 'Dry run: no attributes are set' : 'Delivering'
}

/** @param {Status} current */
function wordsForWork({ status }) {
  if (status === null) return 'The inbox cannot be read.'
  const { pending, oldestPendingMs } = status.inbox
  if (pending === 0) return 'All accepted events have an outcome.'
  return `${plural(pending, 'event')} pending; the oldest has waited ${formatDuration(oldestPendingMs)}.`
}
