import { html } from 'htm/preact'
import { formatCount } from '../core/format.js'
import { status } from '../core/live.js'
import { linkTo } from '../core/route.js'
import { Time } from '../parts/time.js'
import { liveIn, turnOfReplayed } from '../parts/waiting.js'

/** @import { AdminStatus, EventDetail } from '../../answer-types.ts' */

/** Why an event is not delivered yet. @param {{ event: EventDetail }} properties */
export function WhyPending({ event }) {
  const current = status.value?.status
  if (!current) return null
  const { delivery } = current
  const isReplayed = event.replayedAt !== null
  const isBehindLive = isReplayed && delivery.waitsFor === 'rate_budget' && liveIn(current.inbox) > 0
  return html`${!isBehindLive && html`<${Reason} event=${event} delivery=${delivery} pending=${current.inbox.pending} />`}
    ${isReplayed && html`<p>It was replayed. ${turnOfReplayed(current, 'it')}</p>`}`
}

/** @param {{ event: EventDetail, delivery: AdminStatus['delivery'], pending: number }} properties `pending`: all events that wait. */
function Reason({ event, delivery, pending }) {
  if (delivery.pausedBy === 'operator')
    return html`<p>It waits because an operator paused delivery${delivery.reason === null ? ', no reason given' : html`: <bdi>${delivery.reason}</bdi>`}. <a href=${linkTo('controls')}>Resume</a></p>`
  if (delivery.pausedUntil !== null)
    return html`<p>It waits because Genesys Cloud refused calls (429). Calls start again at <${Time} at=${delivery.pausedUntil} />.</p>`
  if (delivery.waitsFor === 'rate_budget')
    return html`<p>It waits for the rate budget: all calls of this window are used.${delivery.waitsUntil && html` The next calls start at <${Time} at=${delivery.waitsUntil} />.`}${pending > 1 && ` ${formatCount(pending)} events wait in all; the service delivers urgent events first, then the oldest.`}</p>`
  if (delivery.state === 'open')
    return html`<p>It waits because delivery has stopped. <a href=${linkTo('now')}>Why, and what to do</a></p>`
  if (event.dueAt !== null)
    return html`<p>Its last attempt failed. Next attempt at <${Time} at=${event.dueAt} />.</p>`
  return html`<p>It waits for its turn.</p>`
}
