import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { formatCount, shorten } from '../core/format.js'
import { linkTo } from '../core/route.js'
import { Time } from '../parts/time.js'

/** @import { DeadLetter } from '../../answer-types.ts' */

const step = 100

/**
 * @param {{ letters: readonly DeadLetter[], selected: import('@preact/signals').Signal<ReadonlySet<string>> }} properties
 */
export function LetterTable({ letters, selected }) {
  const filter = useSignal('')
  const shown = useSignal(step)
  const matching =
    filter.value === ''
      ? letters
      : letters.filter((letter) => textOf(letter).includes(filter.value.toLowerCase()))
  const rows = matching.slice(0, shown.value)
  const all = matching.length > 0 && matching.every(({ id }) => selected.value.has(id))
  const toggleAll = () => {
    selected.value = all ? new Set() : new Set(matching.map(({ id }) => id))
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
      <input type="search" value=${filter.value} spellcheck="false" onInput=${(
        /** @type {any} */ { target },
      ) => {
        filter.value = target.value
        shown.value = step
      }} />
    </label>
    <div class="scroll" tabindex="0" role="region" aria-label="Dead letters"><table>
      <thead><tr>
        <th scope="col"><input type="checkbox" checked=${all} onChange=${toggleAll} aria-label=${`Select all ${formatCount(matching.length)}`} /></th>
        <th scope="col">Given up</th><th scope="col">Code</th><th scope="col">Event</th><th scope="col">Conversation</th><th scope="col">Reason</th><th scope="col">Attempts</th>
      </tr></thead>
      <tbody>${rows.map((letter) => html`<${LetterRow} key=${letter.id} letter=${letter} checked=${selected.value.has(letter.id)} onToggle=${toggle} />`)}</tbody>
    </table></div>
    ${matching.length === 0 && html`<p class="note">No dead letter fits this filter.</p>`}
    ${
      matching.length > rows.length &&
      html`<button type="button" onClick=${() => {
        shown.value += step
      }}>Show ${step} more of ${formatCount(matching.length)}</button>`
    }
  </section>`
}

/** @param {DeadLetter} letter */
const textOf = ({ id, conversationId, participantId, type, topic, attributeNames, detail, code }) =>
  [id, conversationId, participantId, type, topic, detail, code, ...attributeNames].join(' ').toLowerCase()

/** @param {{ letter: DeadLetter, checked: boolean, onToggle: (id: string) => void }} properties */
const LetterRow = ({ letter, checked, onToggle }) => html`<tr>
  <td><input type="checkbox" checked=${checked} onChange=${() => onToggle(letter.id)} aria-label=${`Select ${shorten(letter.id, 80)}`} /></td>
  <td><${Time} at=${letter.diedAt} /></td>
  <td><code class="topic">${letter.code}</code></td>
  <td><a class="topic" href=${linkTo('events', { event: letter.id })} title=${letter.id}>${letter.topic ?? letter.type}</a></td>
  <td><code class="id" title=${letter.conversationId}>${shorten(letter.conversationId, 20)}</code></td>
  <td><bdi title=${letter.detail ?? ''}>${shorten(letter.detail ?? '–', 90)}</bdi></td>
  <td>${letter.attempts}</td>
</tr>`
