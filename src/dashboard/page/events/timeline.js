import { html } from 'htm/preact'
import { formatDuration, plural } from '../core/format.js'
import { Time } from '../parts/time.js'

/** @import { EventDetail } from '../../answer-types.ts' */

const words = {
  accepted: 'Accepted and stored',
  replayed: 'Replayed by an operator',
  attempt_failed: 'Attempt failed',
  next_attempt: 'Next attempt',
  applied: 'Applied: the PATCH was accepted',
  unchanged: 'Unchanged: no PATCH needed',
  dead: 'Dead letter: given up',
}

/** @param {{ steps: EventDetail['timeline'], attempts: number }} properties */
export const Timeline = ({ steps, attempts }) => {
  const first = steps[0]
  return html`<ol class="timeline">
      ${steps.map(
        ({ at, what, code }) => html`<li class=${what}>
          <${Time} at=${at} exact=${true} />
          <span>${words[what]}${code && html` (${what === 'replayed' && 'dead letter before: '}<code>${code}</code>)`}</span>
          <small class="note">${first && at !== first.at ? `after ${formatDuration(Date.parse(at) - Date.parse(first.at))}` : ''}</small>
        </li>`,
      )}
    </ol>
    <p class="note">${attempts === 0 ? 'No API call was made for this event.' : `${plural(attempts, 'API call')} for this event.`}${attempts > 1 || steps.some(({ what }) => what === 'replayed') ? ' The timeline has at most the last failed attempt, and none before a replay; the log of the service has the others.' : ''}</p>`
}
