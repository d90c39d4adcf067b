import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { formatDuration, shorten, shortenId } from '../core/format.js'
import { status } from '../core/live.js'
import { linkTo } from '../core/route.js'
import { Badge } from '../parts/badge.js'
import { EventName } from '../parts/event-name.js'
import { Failed } from '../parts/notice.js'
import { Time } from '../parts/time.js'
import { ageStart } from './age.js'
import { attributesLabel } from './attributes.js'
import { page } from './find.js'
import { unchangedReasons } from './unchanged-reasons.js'

/** @import { EventItem } from '../../answer-types.ts' */
/** @import { Found } from './find.js' */

const step = 50

/** @param {{ first: Found & { at: string | undefined } }} properties `at`: when the list was read, by the clock of the service. */
export function EventTable({ first }) {
  const more = useSignal(/** @type {readonly EventItem[]} */ ([]))
  const cursor = useSignal(first.cursor)
  const error = useSignal('')
  const shown = useSignal(step)
  const loadMore = async () => {
    try {
      const next = await page(first.query, '', undefined, cursor.value ?? undefined)
      more.value = [...more.value, ...next.items]
      shown.value += next.items.length
      cursor.value = next.cursor
      error.value = ''
    } catch (failure) {
      error.value = failure instanceof Error ? failure.message : String(failure)
    }
  }
  const rows = [...first.items, ...more.value]
  const isCut = rows.length > shown.value
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Events"><table>
      <thead><tr>
        <th scope="col">Accepted</th><th scope="col">State</th><th scope="col">Event</th><th scope="col">Conversation</th><th scope="col">Rules</th><th scope="col">Attributes</th>
      </tr></thead>
      <tbody>${rows.slice(0, shown.value).map((event) => html`<${EventRow} key=${event.id} event=${event} at=${first.at ?? status.value?.at} />`)}</tbody>
    </table></div>
    ${error.value && html`<${Failed} message=${error.value} />`}
    ${
      isCut &&
      html`<button type="button" onClick=${() => {
        shown.value += step
      }}>Show more</button>`
    }
    ${!isCut && cursor.value !== null && html`<button type="button" onClick=${loadMore}>Show older events</button>`}
  `
}

/** @param {{ event: EventItem, at: string | undefined }} properties */
const EventRow = ({ event, at }) => html`<tr>
  <td data-label="Accepted"><${Time} at=${event.acceptedAt} />${event.state === 'pending' && html`<div class="note">waits ${waitOf(event, at)}${event.replayedAt !== null && ' since the replay'}</div>`}</td>
  <td data-label="State"><${Badge} state=${event.state} />${event.code && (event.state === 'pending' ? html`<div class="note">last attempt: <code>${event.code}</code></div>` : html` <code>${event.code}</code>`)}${event.reason && html`<div class="note">${unchangedReasons[event.reason]}</div>`}</td>
  <td data-label="Event"><${EventName} event=${event} /></td>
  <td data-label="Conversation"><a href=${linkTo('events', { search: event.conversationId })} title=${event.conversationId}><code class="id">${shortenId(event.conversationId)}</code></a></td>
  <td data-label="Rules">${namesIn(event.rules)}</td>
  <td data-label="Attributes">${event.attributeNames.length > 0 && html`<span class="note">${attributesLabel(event)}:</span> `}${namesIn(event.attributeNames)}</td>
</tr>`

/** Until the list was read: it may be settled since. @param {EventItem} event @param {string | undefined} at */
function waitOf(event, at) {
  const start = ageStart(event)
  return formatDuration(Math.max(0, Date.parse(at ?? start) - Date.parse(start)))
}

/** @param {readonly string[]} names */
const namesIn = (names) =>
  names.length === 0 ? '–' : html`<bdi title=${names.join(', ')}>${shorten(names.join(', '), 48)}</bdi>`
