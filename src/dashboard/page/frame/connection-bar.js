import { html } from 'htm/preact'
import { timeZone } from '../core/format.js'
import { connection, isCurrent, restartSeenAt, status } from '../core/live.js'
import { linkTo } from '../core/route.js'
import { hindranceOf } from '../now/state.js'
import { Time } from '../parts/time.js'

const words = {
  connecting: 'Connecting…',
  live: 'Live',
  stopping: 'The service is shutting down. The page connects again when it is back.',
  lost: 'Connection lost: the service does not answer. Trying again…',
}

/** Whether the values on the page are current, and whether the service delivers, if not as usual. */
export function ConnectionBar() {
  const state = connection.value
  const hindrance = isCurrent.value && status.value ? hindranceOf(status.value) : undefined
  return html`<div class=${`connection ${state}`} role="status">
    <span class="dot"></span>
    <span>${words[state]}</span>
    ${status.value && html`<span class="note">${state === 'live' ? 'as of' : 'last values of'} <${Time} at=${status.value.at} /> (${timeZone()})</span>`}
    ${hindrance && html`<a class=${`badge ${hindrance.tone}`} href=${linkTo('now')}>${hindrance.title}</a>`}
    ${state === 'live' && restartSeenAt.value && html`<span>The service restarted at <${Time} at=${restartSeenAt.value} />; counts began again at 0.</span>`}
  </div>`
}
