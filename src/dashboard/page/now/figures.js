import { html } from 'htm/preact'
import { formatCount, formatDuration } from '../core/format.js'
import { samples } from '../core/live.js'
import { linkTo } from '../core/route.js'
import { Time } from '../parts/time.js'
import { waitsIn } from '../parts/waiting.js'
import { trendOf } from './trend.js'

/** @import { Status } from '../../answer-types.ts' */

/** What waits, what failed, and how long delivery takes. @param {{ current: Status }} properties */
export function Waiting({ current }) {
  const inbox = current.status?.inbox
  const trend = inbox?.pending ? trendOf(samples.value, (current.status?.nodes.length ?? 1) < 2) : undefined
  const delay = samples.value.findLast(({ p50Ms }) => p50Ms !== null)
  return html`
    <section class="card">
      <h2>Waiting</h2>
      <p class="figure">${inbox ? formatCount(inbox.pending) : '–'} <small>pending</small></p>
      <p class="note">${inbox ? waitsIn(inbox) : 'Oldest: –'}. Being delivered: ${inbox ? formatCount(inbox.inFlight) : '–'}.</p>
      ${trend && html`<p class="note">${trend}</p>`}
      ${inbox && inbox.pending > 0 && html`<a href=${linkTo('events', { state: 'pending' })}>Show pending events</a>`}
    </section>
    <section class="card">
      <h2>Failed</h2>
      <p class="figure">${inbox ? formatCount(inbox.dead) : '–'} <small>${inbox?.dead === 1 ? 'dead letter' : 'dead letters'} kept</small></p>
      <p class="note">${inbox?.dead ? (inbox.dead === 1 ? 'The service no longer tries this event.' : 'The service no longer tries these events.') : 'No dead letters.'}</p>
      ${inbox && inbox.dead > 0 && html`<a href=${linkTo('dead-letters')}>Show reasons and remedies</a>`}
    </section>
    <section class="card">
      <h2>From accepted to applied</h2>
      <p class="figure">${formatDuration(delay?.p50Ms)} <small>median</small></p>
      <p class="note">${delay ? html`95 of 100 events took at most ${formatDuration(delay.p95Ms)}. Of the last 10 seconds with applied events, until <${Time} at=${delay.at} />.` : 'No event was applied in the last hour.'}</p>
    </section>
  `
}
