import { html } from 'htm/preact'
import { useLoaded } from '../core/load.js'
import { goTo, route } from '../core/route.js'
import { Empty, Failed, Loading } from '../parts/notice.js'
import { EventDetails } from './event-details.js'
import { EventTable } from './event-table.js'
import { find } from './find.js'
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
  const { data, error, loading, reload } = useLoaded((signal) => find(search, state, signal), [search, state])
  return html`
    <${SearchForm} key=${`${search} ${state}`} search=${search} state=${state}
      onSearch=${(/** @type {string} */ text, /** @type {string} */ chosen) => goTo('events', { search: text, state: chosen })} onReload=${reload} loading=${loading} />
    ${error && html`<${Failed} message=${error} onRetry=${reload} />`}
    ${data === undefined && !error && html`<${Loading} what="events" />`}
    ${data?.items.length === 0 && html`<${Nothing} search=${search} state=${state} />`}
    ${data !== undefined && data.items.length > 0 && html`<p class="note">${data.explanation}</p><${EventTable} key=${`${search} ${state}`} first=${data} />`}
  `
}

/** @param {{ search: string, state: string }} properties */
const Nothing = ({ search, state }) =>
  search === '' && state === ''
    ? html`<${Empty} title="No events yet">The service has stored no event. Send one to <code>POST /webhooks/genesys</code>, or look at <em>Now</em> whether a source is connected.<//>`
    : html`<${Empty} title="No event found">
        No stored event${search ? html` has <bdi><code>${search}</code></bdi> as conversation, participant or event id` : ''}${state ? ` in the state ${state}` : ''}.
        Events that no rule listens to are not stored, and the service deletes events after RETENTION_MS. Check the id, or whether the sender sends to this service.
      <//>`
