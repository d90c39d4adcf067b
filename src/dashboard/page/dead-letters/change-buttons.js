import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { formatCount, formatSetting, plural } from '../core/format.js'
import { status } from '../core/live.js'
import { Confirm } from '../parts/confirm.js'
import { turnOfReplayed } from '../parts/waiting.js'
import { startChange } from './changes.js'

/** @import { EventItem } from '../../answer-types.ts' */
/** @typedef {'selected' | 'group' | 'all' | 'one'} Scope */

/**
 * Replays or drops letters. `hidden`: selected letters that the filter hides and that therefore stay as they are.
 * @param {{ letters: readonly Pick<EventItem, 'id' | 'conversationId'>[], scope: Scope, hidden?: number,
 *   onChanged: (action: 'replay' | 'drop') => void }} properties
 */
export function ChangeButtons({ letters, scope, hidden = 0, onChanged }) {
  const asked = useSignal(/** @type {'replay' | 'drop' | ''} */ (''))
  const action = asked.value
  const count = letters.length
  /** @param {'replay' | 'drop'} chosen */
  const run = async (chosen) => {
    try {
      await startChange(
        chosen,
        letters.map(({ id }) => id),
      )
    } finally {
      onChanged(chosen)
    }
  }
  const look = scope === 'all' ? { replay: 'quiet', drop: 'quiet' } : { replay: 'primary', drop: 'danger' }
  return html`
    ${
      count > 0 &&
      html`<div class=${scope === 'selected' ? 'actions sticky' : 'actions'}>
      <button type="button" class=${look.replay} onClick=${() => {
        asked.value = 'replay'
      }}>Replay ${words[scope](count)}</button>
      <button type="button" class=${look.drop} onClick=${() => {
        asked.value = 'drop'
      }}>Drop ${words[scope](count)}</button>
    </div>`
    }
    ${hidden > 0 && html`<p class="note">${formatCount(hidden)} more selected, but hidden by the filter: not changed.</p>`}
    ${
      action !== '' &&
      html`<${Confirm} title=${`${action === 'replay' ? 'Replay' : 'Drop'} ${plural(count, 'dead letter')}?`}
      action=${action === 'replay' ? 'Replay' : 'Drop'} danger=${action === 'drop'} onConfirm=${() => run(action)} onClose=${() => {
        asked.value = ''
      }}>
      <p>${action === 'replay' ? replayWords(count) : count === 1 ? 'It is deleted and cannot be restored. Its attributes are never set.' : 'They are deleted and cannot be restored. Their attributes are never set.'}</p>
      <${Ids} letters=${letters} />
    <//>`
    }
  `
}

/** @param {number} count */
function replayWords(count) {
  const current = status.value?.status
  const [they, become, them] =
    count === 1
      ? /** @type {const} */ (['If it is', 'it becomes a dead letter', 'it'])
      : /** @type {const} */ (['Those that are', 'become dead letters', 'them'])
  const limit = current
    ? ` ${they} not delivered within ${formatSetting(current.ages.eventMaxAgeMs)}${count === 1 ? ',' : ''} ${become} again.`
    : ''
  return `Remove the cause first: see the remedy. The rules in force then decide again. ${turnOfReplayed(current, them)}${limit}`
}

const maxListed = 8

/** @param {{ letters: readonly Pick<EventItem, 'id' | 'conversationId'>[] }} properties */
const Ids = ({ letters }) => html`<ul class="ids">
  ${letters.slice(0, maxListed).map(({ id, conversationId }) => html`<li key=${id}><code>${id}</code> <span class="note">conversation ${conversationId}</span></li>`)}
  ${letters.length > maxListed && html`<li>and ${formatCount(letters.length - maxListed)} more</li>`}
</ul>`

/** @type {Readonly<Record<Scope, (count: number) => string>>} */
const words = {
  selected: (count) => `${formatCount(count)} selected`,
  group: (count) => (count === 1 ? 'this one' : `these ${formatCount(count)}`),
  all: (count) => `all ${formatCount(count)}`,
  one: () => 'this event',
}
