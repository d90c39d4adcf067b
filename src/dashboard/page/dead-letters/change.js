import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { formatCount, plural } from '../core/format.js'
import { status } from '../core/live.js'
import { AuditLine } from '../parts/audit.js'
import { Confirm } from '../parts/confirm.js'
import { changeLetters } from './change-letters.js'

/** @import { DeadLetter } from '../../answer-types.ts' */
/** @typedef {{ action: 'replay' | 'drop', changed: number, total: number, finished: boolean, since: string }} Work */

/** Replays or drops letters. @param {{ letters: readonly DeadLetter[], scope: 'selected' | 'group' | 'all', onChanged: () => void }} properties */
export function Change({ letters, scope, onChanged }) {
  const asked = useSignal(/** @type {'replay' | 'drop' | ''} */ (''))
  const work = useSignal(/** @type {Work | undefined} */ (undefined))
  const action = asked.value
  /** @param {'replay' | 'drop'} chosen */
  const run = async (chosen) => {
    const since = status.value?.at ?? ''
    const total = letters.length
    const report = (/** @type {number} */ changed, finished = false) => {
      work.value = { action: chosen, changed, total, finished, since }
    }
    report(0)
    try {
      report(
        await changeLetters(
          chosen,
          letters.map(({ id }) => id),
          report,
        ),
        true,
      )
    } catch (error) {
      work.value = undefined
      throw error
    } finally {
      onChanged()
    }
  }
  const count = letters.length
  return html`
    <div class="actions">
      <button type="button" class="primary" disabled=${count === 0} onClick=${() => {
        asked.value = 'replay'
      }}>Replay ${words[scope](count)}</button>
      <button type="button" class="danger" disabled=${count === 0} onClick=${() => {
        asked.value = 'drop'
      }}>Drop ${words[scope](count)}</button>
    </div>
    ${work.value && html`<${Progress} work=${work.value} />`}
    ${
      action !== '' &&
      html`<${Confirm} title=${`${action === 'replay' ? 'Replay' : 'Drop'} ${plural(count, 'dead letter')}?`}
      action=${action === 'replay' ? 'Replay' : 'Drop'} danger=${action === 'drop'} onConfirm=${() => run(action)} onClose=${() => {
        asked.value = ''
      }}>
      <p>${action === 'replay' ? 'They are delivered again behind all live events, with the rules in force now. Remove the cause first: see the remedies.' : 'They are deleted and cannot be restored. Their attributes are never set.'}</p>
    <//>`
    }
  `
}

/** @type {Readonly<Record<'selected' | 'group' | 'all', (count: number) => string>>} */
const words = {
  selected: (count) => `${formatCount(count)} selected`,
  group: (count) => `these ${formatCount(count)}`,
  all: (count) => (count === 0 ? 'all' : `all ${formatCount(count)}`),
}

/** @param {{ work: Work }} properties */
function Progress({ work }) {
  const { action, changed, total, finished, since } = work
  const entry = status.value?.audit.find(
    ({ at, message }) => at >= since && message.startsWith('dead letters'),
  )
  const waiting = status.value?.status?.inbox.replayed ?? 0
  const delivered = Math.max(0, changed - waiting)
  return html`<div class="notice calm" role="status">
    ${!finished && html`<p>${action === 'replay' ? 'Replaying' : 'Dropping'} ${formatCount(changed)} of ${formatCount(total)}…</p><progress max=${total} value=${changed} aria-label="Changed dead letters"></progress>`}
    ${finished && action === 'drop' && html`<p>${plural(changed, 'dead letter')} deleted.</p>`}
    ${finished && action === 'replay' && html`<p>${plural(changed, 'event')} replayed: ${formatCount(delivered)} with an outcome, ${formatCount(waiting)} waiting for delivery.</p><progress max=${Math.max(1, changed)} value=${delivered} aria-label="Delivered again"></progress>`}
    ${entry && html`<${AuditLine} entry=${entry} />`}
  </div>`
}
