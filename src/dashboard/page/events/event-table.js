import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { shorten } from '../core/format.js'
import { linkTo } from '../core/route.js'
import { Badge } from '../parts/badge.js'
import { Failed } from '../parts/notice.js'
import { Time } from '../parts/time.js'
import { page } from './find.js'

/** @import { EventItem } from '../../answer-types.ts' */
/** @import { Found } from './find.js' */

/** @param {{ first: Found }} properties */
export function EventTable({ first }) {
  const more = useSignal(/** @type {readonly EventItem[]} */ ([]))
  const cursor = useSignal(first.cursor)
  const error = useSignal('')
  const loadMore = async () => {
    try {
      const next = await page(first.query, '', undefined, cursor.value ?? undefined)
      more.value = [...more.value, ...next.items]
      cursor.value = next.cursor
      error.value = ''
    } catch (failure) {
      error.value = failure instanceof Error ? failure.message : String(failure)
    }
  }
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Events"><table>
      <thead><tr>
        <th scope="col">Accepted</th><th scope="col">State</th><th scope="col">Event</th><th scope="col">Conversation</th><th scope="col">Rules</th><th scope="col">Attributes</th>
      </tr></thead>
      <tbody>${[...first.items, ...more.value].map((event) => html`<${EventRow} key=${event.id} event=${event} />`)}</tbody>
    </table></div>
    ${error.value && html`<${Failed} message=${error.value} />`}
    ${cursor.value !== null && html`<button type="button" onClick=${loadMore}>Show older events</button>`}
  `
}

/** @param {{ event: EventItem }} properties */
const EventRow = ({ event }) => html`<tr>
  <td><${Time} at=${event.acceptedAt} /></td>
  <td><${Badge} state=${event.state} />${event.code && html` <code>${event.code}</code>`}</td>
  <td><a class="topic" href=${linkTo('events', { event: event.id })} title=${event.id}>${event.topic ?? event.type}</a></td>
  <td><a href=${linkTo('events', { search: event.conversationId })} title=${event.conversationId}><code class="id">${shorten(event.conversationId, 20)}</code></a></td>
  <td>${namesIn(event.rules)}</td>
  <td>${namesIn(event.attributeNames)}</td>
</tr>`

/** @param {readonly string[]} names */
const namesIn = (names) =>
  names.length === 0 ? '–' : html`<bdi title=${names.join(', ')}>${shorten(names.join(', '), 48)}</bdi>`
