import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { formatCount, shorten, shortenId } from '../core/format.js'
import { linkTo } from '../core/route.js'
import { EventName } from '../parts/event-name.js'
import { Time } from '../parts/time.js'

/** @import { DeadLetter } from '../../answer-types.ts' */

const step = 100

/** Whether a letter fits the text of the filter. @param {DeadLetter} letter @param {string} filter */
export const matches = (letter, filter) =>
  filter === '' || textOf(letter).includes(filter.trim().toLowerCase())

/**
 * @param {{ letters: readonly DeadLetter[], selected: import('@preact/signals').Signal<ReadonlySet<string>>,
 *   filter: string, onFilter: (text: string) => void }} properties `letters`: those that fit the filter.
 */
export function LetterTable({ letters, selected, filter, onFilter }) {
  const shown = useSignal(step)
  const rows = letters.slice(0, shown.value)
  const all = letters.length > 0 && letters.every(({ id }) => selected.value.has(id))
  const toggleAll = () => {
    selected.value = all ? new Set() : new Set(letters.map(({ id }) => id))
  }
  /** @param {string} id */
  const toggle = (id) => {
    const next = new Set(selected.value)
    if (!next.delete(id)) next.add(id)
    selected.value = next
  }
  return html`<section aria-labelledby="letters">
    <h2 id="letters">Dead letters</h2>
    <label>Filter by id, event, attribute or reason
      <input type="search" value=${filter} spellcheck="false" onInput=${(/** @type {any} */ { target }) => {
        shown.value = step
        onFilter(target.value)
      }} />
    </label>
    <div class="scroll" tabindex="0" role="region" aria-label="Dead letters"><table>
      <thead><tr>
        <th scope="col"><label class="select-all"><input type="checkbox" checked=${all} onChange=${toggleAll} aria-label=${`Select all ${formatCount(letters.length)}`} /><span aria-hidden="true">Select all</span></label></th>
        <th scope="col">Given up</th><th scope="col">Code</th><th scope="col">Event</th><th scope="col">Conversation</th><th scope="col">Reason</th><th scope="col">Attempts</th>
      </tr></thead>
      <tbody>${rows.map((letter) => html`<${LetterRow} key=${letter.id} letter=${letter} checked=${selected.value.has(letter.id)} onToggle=${toggle} />`)}</tbody>
    </table></div>
    ${letters.length === 0 && html`<p class="note">No dead letter fits this filter.</p>`}
    ${
      letters.length > rows.length &&
      html`<button type="button" onClick=${() => {
        shown.value += step
      }}>Show ${step} more of ${formatCount(letters.length)}</button>`
    }
  </section>`
}

/** @param {DeadLetter} letter */
const textOf = ({ id, conversationId, participantId, type, topic, attributeNames, detail, code }) =>
  [id, conversationId, participantId, type, topic, detail, code, ...attributeNames].join(' ').toLowerCase()

/** @param {{ letter: DeadLetter, checked: boolean, onToggle: (id: string) => void }} properties */
const LetterRow = ({ letter, checked, onToggle }) => html`<tr>
  <td><input type="checkbox" checked=${checked} onChange=${() => onToggle(letter.id)} aria-label=${`Select ${shorten(letter.id, 80)}`} /></td>
  <td data-label="Given up"><${Time} at=${letter.diedAt} /></td>
  <td data-label="Code"><code class="topic">${letter.code}</code></td>
  <td data-label="Event"><${EventName} event=${letter} /></td>
  <td data-label="Conversation"><a href=${linkTo('events', { search: letter.conversationId })} title=${letter.conversationId}><code class="id">${shortenId(letter.conversationId)}</code></a></td>
  <td data-label="Reason"><bdi title=${letter.detail ?? ''}>${shorten(letter.detail ?? '–', 240)}</bdi></td>
  <td data-label="Attempts">${letter.attempts}</td>
</tr>`
