import { html } from 'htm/preact'
import { get } from '../core/api.js'
import { useLoaded } from '../core/load.js'
import { linkTo } from '../core/route.js'
import { Badge } from '../parts/badge.js'
import { Copy } from '../parts/copy.js'
import { Failed, Loading } from '../parts/notice.js'
import { Time } from '../parts/time.js'
import { TraceView } from '../parts/trace.js'
import { Timeline } from './timeline.js'

/** @import { EventDetail } from '../../answer-types.ts' */

/** The life of an event. @param {{ id: string }} properties */
export function EventDetails({ id }) {
  const { data, error, reload } = useLoaded(
    (signal) =>
      /** @type {Promise<EventDetail>} */ (get(`admin/events/${encodeURIComponent(id)}`, { signal })),
    [id],
  )
  return html`
    <p><a href=${linkTo('events')}>All events</a>${data && html` · <a href=${linkTo('events', { search: data.conversationId })}>Events of this conversation</a>`}</p>
    ${error && html`<${Failed} message=${error} onRetry=${reload} />`}
    ${data === undefined && !error && html`<${Loading} what="the event" />`}
    ${data && html`<${Life} event=${data} reload=${reload} />`}
  `
}

/** Why an event is unchanged. */
const reasons = {
  no_rule_matched: 'no rule matched',
  rule_undecided: 'no rule matched, and at least one was undecided; the rules below name the missing field',
  known_values: 'the participant is known to have these values already',
  later_event: 'an event that occurred later decided other values',
  dry_run: 'DRY_RUN is on',
}

/** @param {{ event: EventDetail, reload: () => void }} properties */
const Life = ({ event, reload }) => html`
  <section class="headline ${event.state === 'dead' ? 'bad' : 'calm'}">
    <h2><${Badge} state=${event.state} /> ${event.topic ?? event.type}</h2>
    ${event.code && html`<p><code>${event.code}</code>${event.detail && html`: <bdi>${event.detail}</bdi>`}</p>`}
    ${event.remedy && html`<p><strong>What to do:</strong> ${event.remedy}</p>`}
    ${event.state === 'unchanged' && html`<p>The service sent no PATCH: ${event.reason ? reasons[event.reason] : 'nothing was to change'}.</p>`}
  ${event.giveUpAt && html`<p>If it is not delivered before <${Time} at=${event.giveUpAt} />, it becomes a dead letter.</p>`}
    <button type="button" onClick=${reload}>Refresh</button>
  </section>
  <div class="columns">
    <section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2><${Timeline} steps=${event.timeline} attempts=${event.attempts} /></section>
    <section aria-labelledby="facts"><h2 id="facts">Facts</h2><${Facts} event=${event} /></section>
  </div>
  <section aria-labelledby="trace">
    <h2 id="trace">Rules <small class="note">evaluated with the rules in force now, version ${event.wouldNow.version}</small></h2>
    <${TraceView} trace=${event.wouldNow.trace} />
  </section>
`

/** @param {{ event: EventDetail }} properties */
const Facts = ({ event }) => html`<dl>
  <dt>Event</dt><dd><${Copy} text=${event.id} label="the event id" /></dd>
  <dt>Conversation</dt><dd><${Copy} text=${event.conversationId} label="the conversation id" /></dd>
  <dt>Participant</dt><dd>${event.participantId ? html`<${Copy} text=${event.participantId} label="the participant id" />` : 'The event names none.'}</dd>
  <dt>Occurred</dt><dd><${Time} at=${event.occurredAt} /></dd>
  <dt>Rules that matched</dt><dd><bdi>${event.rules.join(', ') || '–'}</bdi></dd>
  <dt>Attributes</dt><dd>${event.attributeNames.length > 0 ? html`<code>${event.attributeNames.join(', ')}</code>` : '–'}</dd>
  ${event.target && event.target.participantId !== event.participantId && html`<dt>Set on</dt><dd><code>${event.target.participantId}</code></dd>`}
  <dt>API answer</dt><dd>${event.api ? html`status ${event.api.status ?? 'none'}` : 'No call was made for the outcome.'}</dd>
  ${event.api?.correlationId && html`<dt>Correlation id</dt><dd><${Copy} text=${event.api.correlationId} label="the correlation id" /></dd>`}
  <dt>Merged with</dt>
  <dd>${event.mergedWith.length === 0 ? 'no other event' : event.mergedWith.map((id) => html`<div><a href=${linkTo('events', { event: id })}><bdi>${id}</bdi></a></div>`)}</dd>
</dl>`
