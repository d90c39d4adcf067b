import { html } from 'htm/preact'
import { formatCount, plural } from '../core/format.js'
import { status } from '../core/live.js'
import { AuditLine } from '../parts/audit.js'
import { Time } from '../parts/time.js'
import { turnOfReplayed } from '../parts/waiting.js'
import { changes } from './changes.js'
import { outcomeOf } from './outcome.js'

/** @import { Change } from './changes.js' */

/** The changes of this tab; of one letter if `id` is given. @param {{ id?: string }} properties */
export const ChangeProgress = ({ id }) =>
  html`${changes.value
    .filter(({ ids }) => id === undefined || ids.includes(id))
    .map((change) => html`<${Progress} key=${change.since + change.ids[0]} change=${change} />`)}`

/** How far a replay or drop is, and what became of replayed events. @param {{ change: Change }} properties */
function Progress({ change }) {
  const { action, changed, ids, finished, since, waiting, failed } = change
  const entry = status.value?.audit.findLast(
    ({ at, message }) => at >= since && message.startsWith(`dead letters ${words[action].done}`),
  )
  const isReplay = finished && action === 'replay'
  return html`<div class=${`notice ${failed.length > 0 ? 'warn' : 'calm'}`} role="status">
    ${!finished && html`<p>${words[action].doing} ${formatCount(changed)} of ${formatCount(ids.length)}…</p><progress max=${ids.length} value=${changed} aria-label="Changed dead letters"></progress>`}
    ${finished && action === 'drop' && html`<p>${plural(changed, 'dead letter')} deleted.</p>`}
    ${isReplay && html`<p>${outcomeOf(change)}</p><progress max=${Math.max(1, changed)} value=${changed - waiting} aria-label="Delivered again"></progress>`}
    ${isReplay && waiting > 0 && isShared() && html`<p class="note">The service counts the events of all replays together, so at most these wait.</p>`}
    ${isReplay && waiting > 0 && html`<${Turn} since=${since} />`}
    ${entry && html`<${AuditLine} entry=${entry} />`}
  </div>`
}

const isShared = () =>
  changes.value.filter(({ action, settled }) => action === 'replay' && !settled).length > 1

const words = {
  replay: { doing: 'Replaying', done: 'replayed' },
  drop: { doing: 'Dropping', done: 'dropped' },
}

/** When replayed events are delivered, at the latest. @param {{ since: string }} properties `since`: the time of the replay. */
function Turn({ since }) {
  const current = status.value?.status
  const expiresAt =
    current && since !== '' ? new Date(Date.parse(since) + current.ages.eventMaxAgeMs).toISOString() : ''
  return html`<p>${turnOfReplayed(current, 'them')}${expiresAt && html` Those that are not delivered before <${Time} at=${expiresAt} /> become dead letters again.`}</p>`
}
