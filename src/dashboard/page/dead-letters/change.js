import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { formatCount, plural } from '../core/format.js'
import { status } from '../core/live.js'
import { Confirm } from '../parts/confirm.js'
import { liveBefore } from '../parts/waiting.js'
import { changeLetters } from './change-letters.js'
import { Progress } from './progress.js'

/** @import { EventItem } from '../../answer-types.ts' */
/** @import { Work } from './progress.js' */
/** @typedef {'selected' | 'group' | 'all' | 'one'} Scope */

/**
 * Replays or drops letters. `hidden`: selected letters that the filter hides and that therefore stay as they are.
 * @param {{ letters: readonly Pick<EventItem, 'id' | 'conversationId'>[], scope: Scope, hidden?: number,
 *   onChanged: (action: 'replay' | 'drop') => void, onSettled: () => void }} properties
 */
export function Change({ letters, scope, hidden = 0, onChanged, onSettled }) {
  const asked = useSignal(/** @type {'replay' | 'drop' | ''} */ (''))
  const work = useSignal(/** @type {Work | undefined} */ (undefined))
  const action = asked.value
  /** @param {'replay' | 'drop'} chosen */
  const run = async (chosen) => {
    const since = status.value?.at ?? ''
    const ids = letters.map(({ id }) => id)
    const report = (/** @type {number} */ changed, finished = false) => {
      work.value = { action: chosen, changed, ids, finished, since }
    }
    report(0)
    try {
      report(await changeLetters(chosen, ids, report), true)
    } catch (error) {
      work.value = undefined
      throw error
    } finally {
      onChanged(chosen)
    }
  }
  const count = letters.length
  const inbox = status.value?.status?.inbox
  return html`
    ${
      count > 0 &&
      html`<div class=${scope === 'selected' ? 'actions sticky' : 'actions'}>
      <button type="button" class="primary" onClick=${() => {
        asked.value = 'replay'
      }}>Replay ${words[scope](count)}</button>
      <button type="button" class="danger" onClick=${() => {
        asked.value = 'drop'
      }}>Drop ${words[scope](count)}</button>
    </div>`
    }
    ${hidden > 0 && html`<p class="note">${formatCount(hidden)} more selected, but hidden by the filter: not changed.</p>`}
    ${work.value && html`<${Progress} key=${work.value.since} work=${work.value} onSettled=${onSettled} />`}
    ${
      action !== '' &&
      html`<${Confirm} title=${`${action === 'replay' ? 'Replay' : 'Drop'} ${plural(count, 'dead letter')}?`}
      action=${action === 'replay' ? 'Replay' : 'Drop'} danger=${action === 'drop'} onConfirm=${() => run(action)} onClose=${() => {
        asked.value = ''
      }}>
      <p>${action === 'replay' ? `They are delivered after all live events, with the rules in force now. ${liveBefore(inbox, 'them')} Remove the cause first: see the remedies.` : 'They are deleted and cannot be restored. Their attributes are never set.'}</p>
      <${Ids} letters=${letters} />
    <//>`
    }
  `
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
  group: (count) => `these ${formatCount(count)}`,
  all: (count) => `all ${formatCount(count)}`,
  one: () => 'this event',
}
