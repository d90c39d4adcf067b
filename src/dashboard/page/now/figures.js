import { html } from 'htm/preact'
import { formatCount, formatDuration } from '../core/format.js'
import { samples } from '../core/live.js'
import { linkTo } from '../core/route.js'
import { waitsIn } from '../parts/waiting.js'
import { failedWords } from './failed-words.js'
import { trendWords } from './trend-words.js'

/** @import { Sample, Status } from '../../answer-types.ts' */
/** @import { Trend } from './trend.js' */

/** What waits, what failed, and how long delivery takes. @param {{ current: Status, trend: Trend | undefined }} properties */
export function Waiting({ current, trend }) {
  const inbox = current.status?.inbox
  const paused = current.status?.delivery.pausedBy === 'operator'
  const delay = samples.value.at(-1)
  return html`
    <section class="card">
      <h2>Waiting</h2>
      <p class="figure">${inbox ? formatCount(inbox.pending) : '–'} <small>pending</small></p>
      <p class="note">${inbox ? waitsIn(inbox) : 'Oldest: –'}. Being delivered: ${inbox ? formatCount(inbox.inFlight) : '–'}.</p>
      ${inbox && inbox.pending > 0 && html`<p class="note">${trendWords(trend, paused)}</p>`}
      ${inbox && inbox.pending > 0 && html`<a href=${linkTo('events', { state: 'pending' })}>Show pending events</a>`}
    </section>
    <section class="card">
      <h2>Failed</h2>
      <p class="figure">${inbox ? formatCount(inbox.dead) : '–'} <small>${inbox?.dead === 1 ? 'dead letter' : 'dead letters'} kept</small></p>
      <p class="note">${inbox ? failedWords(inbox) : '–'}</p>
      ${inbox && inbox.dead > 0 && html`<a href=${linkTo('dead-letters')}>Show reasons and remedies</a>`}
    </section>
    <section class="card">
      <h2>From accepted to applied</h2>
      <p class="figure">${formatDuration(delay?.recentP50Ms)} <small>median</small></p>
      <p class="note">${delayWords(delay)}</p>
    </section>
  `
}

/** @param {Sample | undefined} sample the newest one */
function delayWords(sample) {
  if (sample === undefined) return 'The first value appears 10 seconds after the start of the service.'
  if (sample.recentP50Ms === null) return 'No event was applied in the last 5 minutes.'
  return `Of the events applied in the last 5 minutes, half took at most ${formatDuration(sample.recentP50Ms)} and 95 of 100 at most ${formatDuration(sample.recentP95Ms)}.`
}
