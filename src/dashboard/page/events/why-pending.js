import { html } from 'htm/preact'
import { status } from '../core/live.js'
import { linkTo } from '../core/route.js'
import { Time } from '../parts/time.js'

/** @import { EventDetail } from '../../answer-types.ts' */

/** Why an event is not delivered yet. @param {{ event: EventDetail }} properties */
export function WhyPending({ event }) {
  const delivery = status.value?.status?.delivery
  if (delivery === undefined) return null
  if (delivery.pausedBy === 'operator')
    return html`<p>It waits because an operator paused delivery: <bdi>${delivery.reason}</bdi>. <a href=${linkTo('controls')}>Resume</a></p>`
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
