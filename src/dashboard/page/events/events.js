import { html } from 'htm/preact'
import { useRef } from 'preact/hooks'
import { formatSetting, plural } from '../core/format.js'
import { status } from '../core/live.js'
import { useLoaded } from '../core/load.js'
import { goTo, linkTo, route } from '../core/route.js'
import { Empty, Failed, Loading } from '../parts/notice.js'
import { Time } from '../parts/time.js'
import { EventDetails } from './event-details.js'
import { EventTable } from './event-table.js'
import { find, minPart, newest } from './find.js'
import { SearchForm } from './search-form.js'

/** What happened to events: a list, and the life of one. */
export function Events() {
  const { parameters } = route.value
  const event = parameters.get('event')
  if (event !== null) return html`<${EventDetails} id=${event} key=${event} />`
  return html`<${EventList} search=${parameters.get('search') ?? ''} state=${parameters.get('state') ?? ''} />`
}

/** @param {{ search: string, state: string }} properties */
function EventList({ search, state }) {
  const { data, error, loading, reload } = useLoaded(
    async (signal) => ({
      ...(await find(search, state, signal)),
      readAt: Date.now(),
      accepted: acceptedNow(),
      at: status.value?.at,
    }),
    [search, state],
  )
  return html`
    <${SearchForm} search=${search} state=${state}
      onSearch=${(/** @type {string} */ text, /** @type {string} */ chosen) => goTo('events', { search: text, state: chosen })} onReload=${reload} loading=${loading} />
    ${error && html`<${Failed} message=${error} onRetry=${reload} />`}
    ${data === undefined && !error && html`<${Loading} what="events" />`}
    ${data?.items.length === 0 && html`<${Nothing} search=${search} state=${state} />`}
    ${data !== undefined && data.items.length > 0 && html`${data.summary && html`<p><strong>${data.summary}</strong></p>`}<p class="note">${data.explanation} <${Newer} key=${data.readAt} read=${data} /> <button type="button" class="quiet" onClick=${reload} aria-busy=${loading}>Refresh</button></p><${EventTable} key=${data.readAt} first=${data} />`}
  `
}

const acceptedNow = () => status.value?.status?.totals.accepted

/** The list does not change by itself, so that it does not move under the reader. @param {{ read: { readAt: number, accepted: number | undefined } }} properties */
function Newer({ read: { readAt, accepted } }) {
  const atRead = useRef(accepted)
  atRead.current ??= acceptedNow() // the live state may arrive after the list
  const newer = Math.max(0, (acceptedNow() ?? 0) - (atRead.current ?? 0))
  return html`Read at <${Time} at=${new Date(readAt).toISOString()} />${newer > 0 && html`; since then, <b>${plural(newer, 'event')} accepted in all</b>`}.`
}

/** @param {{ search: string, state: string }} properties */
const Nothing = ({ search, state }) =>
  search === '' && state === ''
    ? html`<${Empty} title="No events yet">The service has stored no event. Send one to <code>POST /webhooks/genesys</code>, or look at <em>Now</em> whether a source is connected.<//>`
    : html`<${Empty} title="No event found">
        No stored event${search ? html` has <bdi><code>${search}</code></bdi> as conversation, participant or event id` : ''}${state ? ` in the state ${state}` : ''}.${search.length >= minPart && ` None of the ${newest} newest has it as a part of an id.`}
        ${
          search &&
          html`<ul class="causes">
          <li>The id may be incomplete: enter the whole id. A part, of at least ${minPart} characters, is searched only in the ${newest} newest events.</li>
          <li>No rule may listen to the event: the service does not store such events.</li>
          <li>It may be too old: the service keeps settled events and dead letters for ${keptFor()}.</li>
          <li>An operator may have dropped it: <a href=${linkTo('controls')}>Controls</a> lists the changes by operators.</li>
          <li>Otherwise, check whether the sender sends to this service.</li>
        </ul>`
        }
      <//>`

const keptFor = () => {
  const ages = status.value?.status?.ages
  return ages ? `${formatSetting(ages.retentionMs)} (RETENTION_MS)` : 'RETENTION_MS'
}
