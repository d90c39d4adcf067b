import { effect, signal } from '@preact/signals'
import { get } from '../core/api.js'
import { status } from '../core/live.js'
import { token } from '../core/session.js'
import { changeLetters } from './change-letters.js'
import { readLetters } from './read-letters.js'

/** @import { AdminStatus } from '../../answer-types.ts' */
/**
 * `waiting`: an upper bound, because the service counts all replayed events together. `failed`: codes of those that failed again.
 * @typedef {{ action: 'replay' | 'drop', ids: readonly string[], since: string, changed: number, finished: boolean,
 *   waiting: number, failed: readonly string[], settled: boolean }} Change
 */

const pollMs = 1_000

/** Replays and drops of this tab, the latest first. A replay stays, also across views, until its events are settled. */
export const changes = signal(/** @type {readonly Change[]} */ ([]))

/** Grows when a replay is settled: lists read again. */
export const settlements = signal(0)

let signedIn = new AbortController()
effect(() => {
  if (token.value !== '') return
  signedIn.abort()
  signedIn = new AbortController()
  changes.value = []
})

export function forgetSettled() {
  changes.value = changes.value.filter(({ settled }) => !settled)
}

/** Resolves when the letters are changed. Follows replayed events after that. @param {'replay' | 'drop'} action @param {readonly string[]} ids */
export async function startChange(action, ids) {
  const { signal } = signedIn
  const since = status.value?.at ?? ''
  /** @type {Change} */
  let change = {
    action,
    ids,
    since,
    changed: 0,
    finished: false,
    waiting: 0,
    failed: [],
    settled: false,
  }
  forgetSettled()
  changes.value = [change, ...changes.value]
  const update = (/** @type {Partial<Change>} */ news) => {
    const next = { ...change, ...news }
    changes.value = changes.value.map((one) => (one === change ? next : one))
    change = next
  }
  try {
    const changed = await changeLetters(action, ids, (count) => update({ changed: count }))
    const settled = action === 'drop' || changed === 0
    update({ changed, finished: true, waiting: settled ? 0 : changed, settled })
    if (!settled) void follow(change, update, signal)
  } catch (error) {
    changes.value = changes.value.filter((one) => one !== change)
    throw error
  }
}

/** Until no replayed event is pending. @param {Change} change @param {(news: Partial<Change>) => void} update @param {AbortSignal} signal */
async function follow({ since, ids, changed }, update, signal) {
  const replayed = new Set(ids)
  for (let last = changed; !signal.aborted; ) {
    try {
      const { inbox } = /** @type {AdminStatus} */ (await get('admin/status', { signal }))
      const waiting = Math.min(changed, inbox.replayed)
      if (waiting !== last || waiting === 0) {
        const { letters } = await readLetters(signal, () => {}, since)
        const failed = letters.filter(({ id }) => replayed.has(id)).map(({ code }) => code ?? 'unknown')
        update({ waiting, failed, settled: waiting === 0 })
        last = waiting
      }
      if (waiting === 0) {
        settlements.value += 1
        return
      }
    } catch {
      // The connection bar shows that the service does not answer.
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
