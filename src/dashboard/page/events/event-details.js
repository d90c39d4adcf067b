import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useEffect } from 'preact/hooks'
import { get } from '../core/api.js'
import { useLoaded } from '../core/load.js'
import { linkTo } from '../core/route.js'
import { ChangeButtons } from '../dead-letters/change-buttons.js'
import { ChangeProgress } from '../dead-letters/change-progress.js'
import { settlements } from '../dead-letters/changes.js'
import { Badge } from '../parts/badge.js'
import { Empty, Failed, Loading } from '../parts/notice.js'
import { Time } from '../parts/time.js'
import { TraceView } from '../parts/trace.js'
import { failedBeforeReplay } from './age.js'
import { Facts } from './facts.js'
import { Timeline } from './timeline.js'
import { WhyPending } from './why-pending.js'

/** @import { EventDetail } from '../../answer-types.ts' */

/** A pending event may be settled at any time, and the page shows the live state of delivery beside it. */
const rereadMs = 3_000

/** The life of an event. @param {{ id: string }} properties */
export function EventDetails({ id }) {
  const { data, error, code, reload } = useLoaded(
    (signal) =>
      /** @type {Promise<EventDetail>} */ (get(`admin/events/${encodeURIComponent(id)}`, { signal })),
    [id, settlements.value],
  )
  const isPending = data?.state === 'pending'
  useEffect(() => {
    if (!isPending) return
    const timer = setInterval(reload, rereadMs)
    return () => clearInterval(timer)
  }, [isPending])
  const unknown = code === 'event_not_found'
  return html`
    <p><a href=${linkTo('events')}>All events</a>${data && html` · <a href=${linkTo('events', { search: data.conversationId })}>Events of this conversation</a>`}</p>
    ${error && !unknown && html`<${Failed} message=${error} onRetry=${reload} />`}
    ${unknown && data === undefined && html`<${Empty} title="No such event">The service has no event with the id <bdi><code>${id}</code></bdi>. <a href=${linkTo('events', { search: id })}>Search for this id</a><//>`}
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
function Life({ event, reload }) {
  const changed = useSignal(/** @type {'replay' | 'drop' | ''} */ (''))
  const dropped = changed.value === 'drop'
  return html`
  <section class="headline ${event.state === 'dead' ? 'bad' : event.state === 'pending' ? 'warn' : 'calm'}">
    <h2><${Badge} state=${event.state} /> ${event.topic ?? event.type}</h2>
    <p class="note">conversation <code>${event.conversationId}</code>${event.participantId && html`, participant <code>${event.participantId}</code>`}</p>
    ${event.state === 'pending' && html`<${WhyPending} event=${event} />`}
    ${event.code && html`<p>${event.state === 'pending' && `Last attempt${failedBeforeReplay(event) ? ', before the replay' : ''}: `}<code>${event.code}</code>${event.detail && html`: ${event.api && 'Genesys Cloud answered: '}<bdi>${event.detail}</bdi>`}</p>`}
    ${event.remedy && html`<p><strong>What to do:</strong> ${event.remedy}</p>`}
    ${event.state === 'unchanged' && html`<p>The service sent no PATCH: ${event.reason ? reasons[event.reason] : 'nothing was to change'}.</p>`}
    ${event.state === 'applied' && html`<${Applied} event=${event} />`}
    ${event.giveUpAt && html`<p>If it is not delivered before <${Time} at=${event.giveUpAt} />, it becomes a dead letter${event.replayedAt !== null && ' again'}.</p>`}
    ${
      event.state === 'dead' &&
      !dropped &&
      html`<${ChangeButtons} letters=${[event]} scope="one" onChanged=${(
        /** @type {'replay' | 'drop'} */ action,
      ) => {
        changed.value = action
        if (action === 'replay') reload()
      }} />`
    }
    <${ChangeProgress} id=${event.id} />
    ${dropped ? html`<p><a href=${linkTo('dead-letters')}>All dead letters</a></p>` : html`<button type="button" onClick=${reload}>Refresh</button>`}
  </section>
  <div class="columns">
    <section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2><${Timeline} steps=${event.timeline} attempts=${event.attempts} /></section>
    <section aria-labelledby="facts"><h2 id="facts">Facts</h2><${Facts} event=${event} /></section>
  </div>
  <section aria-labelledby="trace">
    <h2 id="trace">Rules <small class="note">evaluated with the rules in force now, version ${event.wouldNow.version}; this is a ${event.type} event</small></h2>
    <${TraceView} trace=${event.wouldNow.trace} isPending=${event.state === 'pending'} />
  </section>
`
}

/** Most ids in `mergedWith`. */
const maxMergedWith = 20

/** What the PATCH made of the values of an event. @param {{ event: EventDetail }} properties */
function Applied({ event: { attributeNames, mergedWith, replacedBy } }) {
  const replaced = replacedBy.map(({ attribute }) => attribute)
  const set = attributeNames.filter((name) => !replaced.includes(name))
  return html`
    ${set.length > 0 && html`<p>The PATCH set <code>${set.join(', ')}</code>${mergedWith.length === 0 ? '' : ', together with the values of other events'}. The service does not store values. To see them, evaluate the event in <a href=${linkTo('rules')}>Rules</a>, Playground.</p>`}
    ${replacedBy.map(
      ({ attribute, id }) =>
        html`<p>Its value of <code>${attribute}</code> was not sent: it was replaced by the later event <a href=${linkTo('events', { event: id })}><bdi>${id}</bdi></a>.</p>`,
    )}
    ${mergedWith.length >= maxMergedWith && html`<p class="note">The PATCH has the values of more than ${maxMergedWith} events; later ones may have replaced those of this event.</p>`}
  `
}
