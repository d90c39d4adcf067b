import { html } from 'htm/preact'
import { linkTo } from '../core/route.js'
import { Copy } from '../parts/copy.js'
import { Time } from '../parts/time.js'
import { attributesLabel } from './attributes.js'

/** @import { EventDetail } from '../../answer-types.ts' */

/** @param {{ event: EventDetail }} properties */
export const Facts = ({ event }) => html`<dl>
  <dt>Event</dt><dd><${Copy} text=${event.id} label="the event id" /></dd>
  <dt>Type</dt><dd><code>${event.type}</code>${event.topic && html`, topic <code>${event.topic}</code>`}</dd>
  <dt>Conversation</dt><dd><${Copy} text=${event.conversationId} label="the conversation id" /></dd>
  <dt>Participant</dt><dd>${event.participantId ? html`<${Copy} text=${event.participantId} label="the participant id" />` : 'The event names none.'}</dd>
  <dt>Occurred</dt><dd><${Time} at=${event.occurredAt} exact=${true} /></dd>
  <dt>Rules that matched</dt><dd>${namesOr(event, event.rules)}</dd>
  <dt>Attributes</dt><dd>${event.attributeNames.length > 0 && html`<span class="note">${attributesLabel(event)}:</span> `}${namesOr(event, event.attributeNames)}</dd>
  ${event.target && event.target.participantId !== event.participantId && html`<dt>Set on</dt><dd><code>${event.target.participantId}</code></dd>`}
  <dt>API answer</dt><dd>${event.api ? html`status ${event.api.status ?? 'none'}${event.state === 'pending' && ', to the last attempt'}` : event.state === 'pending' ? 'None yet.' : 'No call was made for the outcome.'}</dd>
  ${event.api?.correlationId && html`<dt>Correlation id</dt><dd><${Copy} text=${event.api.correlationId} label="the correlation id" /></dd>`}
  <dt>Merged with</dt>
  <dd>${event.mergedWith.length === 0 ? 'no other event' : event.mergedWith.map((id) => html`<div><a href=${linkTo('events', { event: id })}><bdi>${id}</bdi></a></div>`)}</dd>
</dl>`

/** @param {EventDetail} event @param {readonly string[]} names */
function namesOr({ state, attempts }, names) {
  if (names.length > 0) return html`<bdi>${names.join(', ')}</bdi>`
  return state === 'pending' && attempts === 0 ? 'not decided yet: the rules run at delivery' : '–'
}
