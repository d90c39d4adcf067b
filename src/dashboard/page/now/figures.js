import { html } from 'htm/preact'
import { formatCount, formatDuration } from '../core/format.js'
import { samples } from '../core/live.js'
import { linkTo } from '../core/route.js'
import { Time } from '../parts/time.js'

/** @import { Status } from '../../answer-types.ts' */

/** What waits, what failed, and how long delivery takes. @param {{ current: Status }} properties */
export function Waiting({ current }) {
  const inbox = current.status?.inbox
  const delay = samples.value.findLast(({ p50Ms }) => p50Ms !== null)
  return html`
    <section class="card">
      <h2>Waiting</h2>
      <p class="figure">${inbox ? formatCount(inbox.pending) : '–'} <small>pending</small></p>
      <p class="note">Oldest: ${inbox?.pending ? formatDuration(inbox.oldestPendingMs) : 'none'}. Being delivered: ${inbox ? formatCount(inbox.inFlight) : '–'}.</p>
      ${inbox && inbox.pending > 0 && html`<a href=${linkTo('events', { state: 'pending' })}>Show pending events</a>`}
    </section>
    <section class="card">
      <h2>Failed</h2>
      <p class="figure">${inbox ? formatCount(inbox.dead) : '–'} <small>dead letters kept</small></p>
      <p class="note">${inbox?.dead ? 'The service no longer tries these events.' : 'No dead letters.'}</p>
      ${inbox && inbox.dead > 0 && html`<a href=${linkTo('dead-letters')}>Show reasons and remedies</a>`}
    </section>
    <section class="card">
      <h2>From accepted to applied</h2>
      <p class="figure">${formatDuration(delay?.p50Ms)} <small>median</small></p>
      <p class="note">${delay ? html`95 of 100 events took at most ${formatDuration(delay.p95Ms)}. Of the last 10 seconds with applied events, until <${Time} at=${delay.at} />.` : 'No event was applied in the last hour.'}</p>
    </section>
  `
}
