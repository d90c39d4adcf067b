import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useEffect } from 'preact/hooks'
import { get } from '../core/api.js'
import { formatCount, plural } from '../core/format.js'
import { status } from '../core/live.js'
import { AuditLine } from '../parts/audit.js'
import { Time } from '../parts/time.js'
import { liveBefore } from '../parts/waiting.js'
import { readLetters } from './read-letters.js'

/** @import { AdminStatus } from '../../answer-types.ts' */
/** @typedef {{ action: 'replay' | 'drop', changed: number, ids: readonly string[], finished: boolean, since: string }} Work */

const pollMs = 1_000

/** How far a replay or drop is, and what became of replayed events. @param {{ work: Work, onSettled: () => void }} properties */
export function Progress({ work, onSettled }) {
  const { action, changed, ids, finished, since } = work
  const waiting = useSignal(changed)
  const failed = useSignal(/** @type {readonly string[] | undefined} */ (undefined))
  useEffect(() => {
    if (!finished || action === 'drop') return
    const ended = new AbortController()
    waiting.value = changed
    void follow(ended.signal, since, ids, (count) => {
      waiting.value = Math.min(changed, count)
    }).then(
      (codes) => {
        failed.value = codes
        onSettled()
      },
      () => {}, // the connection bar shows that the service does not answer
    )
    return () => ended.abort()
  }, [finished])
  const entry = status.value?.audit.find(
    ({ at, message }) => at >= since && message.startsWith('dead letters'),
  )
  return html`<div class=${`notice ${failed.value?.length ? 'warn' : 'calm'}`} role="status">
    ${!finished && html`<p>${action === 'replay' ? 'Replaying' : 'Dropping'} ${formatCount(changed)} of ${formatCount(ids.length)}…</p><progress max=${ids.length} value=${changed} aria-label="Changed dead letters"></progress>`}
    ${finished && action === 'drop' && html`<p>${plural(changed, 'dead letter')} deleted.</p>`}
    ${finished && action === 'replay' && html`<p>${plural(changed, 'event')} replayed: ${wordsFor(changed, waiting.value, failed.value)}</p><progress max=${Math.max(1, changed)} value=${changed - waiting.value} aria-label="Delivered again"></progress>`}
    ${finished && action === 'replay' && failed.value === undefined && waiting.value > 0 && html`<${Order} since=${since} />`}
    ${entry && html`<${AuditLine} entry=${entry} />`}
  </div>`
}

/** When replayed events are delivered, at the latest. @param {{ since: string }} properties `since`: the time of the replay. */
function Order({ since }) {
  const current = status.value?.status
  const expiresAt =
    current && since !== '' ? new Date(Date.parse(since) + current.ages.eventMaxAgeMs).toISOString() : ''
  return html`<p>Replayed events are delivered after all live events. ${liveBefore(current?.inbox, 'them')}${expiresAt && html` Those that are not delivered before <${Time} at=${expiresAt} /> become dead letters again.`}</p>`
}

/** @param {number} changed @param {number} waiting @param {readonly string[] | undefined} failed the codes of the events that failed again */
function wordsFor(changed, waiting, failed) {
  if (failed === undefined)
    return `${formatCount(changed - waiting)} with an outcome, ${formatCount(waiting)} waiting for delivery.`
  const delivered = `${formatCount(Math.max(0, changed - failed.length))} applied or unchanged`
  if (failed.length === 0) return `${delivered}.`
  return `${delivered}, ${formatCount(failed.length)} failed again (${[...new Set(failed)].join(', ')}).`
}

/**
 * Waits until no replayed event is pending. Resolves with the codes of those that are dead letters again.
 * @param {AbortSignal} signal @param {string} since @param {readonly string[]} ids @param {(waiting: number) => void} onWaiting
 */
async function follow(signal, since, ids, onWaiting) {
  for (;;) {
    const { inbox } = /** @type {AdminStatus} */ (await get('admin/status', { signal }))
    onWaiting(inbox.replayed)
    if (inbox.replayed === 0) break
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  const replayed = new Set(ids)
  const { letters } = await readLetters(signal, () => {}, since)
  return letters.filter(({ id }) => replayed.has(id)).map(({ code }) => code ?? 'unknown')
}
