import { html } from 'htm/preact'
import { status } from '../core/live.js'
import { linkTo } from '../core/route.js'
import { Time } from '../parts/time.js'
import { liveBefore } from '../parts/waiting.js'

/** @import { AdminStatus, EventDetail } from '../../answer-types.ts' */

/** Why an event is not delivered yet. @param {{ event: EventDetail }} properties */
export function WhyPending({ event }) {
  const current = status.value?.status
  if (!current) return null
  return html`<${Reason} event=${event} delivery=${current.delivery} />
    ${event.replayedAt !== null && html`<p>It was replayed: the service delivers it after all live events. ${liveBefore(current.inbox, 'it')} While live events take all API calls, it does not get a turn.</p>`}`
}

/** @param {{ event: EventDetail, delivery: AdminStatus['delivery'] }} properties */
function Reason({ event, delivery }) {
  if (delivery.pausedBy === 'operator')
    return html`<p>It waits because an operator paused delivery${delivery.reason === null ? ', no reason given' : html`: <bdi>${delivery.reason}</bdi>`}. <a href=${linkTo('controls')}>Resume</a></p>`
  if (delivery.pausedUntil !== null)
    return html`<p>It waits because Genesys Cloud refused calls (429). Calls start again at <${Time} at=${delivery.pausedUntil} />.</p>`
  if (delivery.waitsFor === 'rate_budget')
    return html`<p>It waits for the rate budget${delivery.waitsUntil && html` until <${Time} at=${delivery.waitsUntil} />`}: all calls of this window are used.</p>`
  if (delivery.state === 'open')
    return html`<p>It waits because delivery has stopped. <a href=${linkTo('now')}>Why, and what to do</a></p>`
  if (event.dueAt !== null)
    return html`<p>Its last attempt failed. Next attempt at <${Time} at=${event.dueAt} />.</p>`
  return html`<p>It waits for its turn.</p>`
}
