import { html } from 'htm/preact'
import { formatCount, formatDuration } from '../core/format.js'
import { Time } from '../parts/time.js'

/** @import { Status } from '../../answer-types.ts' */
/** @typedef {NonNullable<Status['status']>['delivery']['budget']} BudgetNumbers */

/** Whether other programs spend a part that matters. @param {BudgetNumbers} budget */
export const othersSpend = ({ others, allowed }) => others > allowed / 10

/** How much of the rate budget is left, and who spends it. @param {{ status: Status['status'] }} properties */
export function Budget({ status }) {
  if (status === null)
    return html`<section class="card"><h2>Rate budget</h2><p>Not known while the inbox cannot be read.</p></section>`
  const { allowed, remaining, own, others, reserved, resetAt, assumed } = status.delivery.budget
  const total = Math.max(allowed, own + others + reserved, 1)
  const part = (/** @type {number} */ calls) => (calls * 100) / total
  return html`<section class="card">
    <h2>Rate budget</h2>
    <p class="figure">${formatCount(remaining)} <small>of ${formatCount(allowed)} API calls left</small></p>
    <svg class="gauge" viewBox="0 0 100 6" preserveAspectRatio="none" role="img"
      aria-label=${`${own} calls by this service, ${others} by other programs, ${reserved} kept in reserve, ${remaining} left`}>
      <rect class="free" width="100" height="6" />
      <rect class="own" width=${part(own)} height="6" />
      <rect class="others" x=${part(own)} width=${part(others)} height="6" />
      <rect class="reserved" x=${part(own + others)} width=${part(reserved)} height="6" />
    </svg>
    <ul class="legend">
      <li><span class="swatch own"></span>This service <b>${formatCount(own)}</b></li>
      <li><span class="swatch others"></span>Other programs <b>${formatCount(others)}</b></li>
      <li><span class="swatch grey"></span>Kept in reserve <b>${formatCount(reserved)}</b></li>
    </ul>
    <p class="note">${resetAt ? html`Resets at <${Time} at=${resetAt} />, in ${formatDuration(Math.max(0, Date.parse(resetAt) - Date.now()))}.` : 'A new window starts with the next API call.'}${assumed ? ' The limit is that of RATE_LIMIT until Genesys Cloud reports its own.' : ''}</p>
    <p class="note">The reserve is for the end of the window, whose exact time is not known, and for calls that got no answer.</p>
    ${others > 0 && html`<p class="note">Other programs use the same OAuth client. Genesys Cloud reports how many calls they make, not who they are: look in Genesys Cloud which programs have this client id, or give this service a client of its own.</p>`}
  </section>`
}
