import { get } from '../core/api.js'

/** @import { DeadLetter, DeadLetterPage } from '../../answer-types.ts' */

/** Enough to see what fails most; the browser holds them all. */
const maxLetters = 20_000

/**
 * @param {AbortSignal} signal
 * @param {(count: number) => void} onProgress
 * @param {string} [since] only letters that died at or after this time
 * @returns {Promise<{ letters: readonly DeadLetter[], more: boolean }>}
 */
export async function readLetters(signal, onProgress, since) {
  /** @type {DeadLetter[]} */
  const letters = []
  /** @type {number | null} */
  let cursor = null
  do {
    /** @type {DeadLetterPage} */
    const page = await get('admin/dead-letters', {
      query: { limit: 500, cursor: cursor ?? undefined, since },
      signal,
    })
    letters.push(...page.items)
    cursor = page.nextCursor
    onProgress(letters.length)
  } while (cursor !== null && letters.length < maxLetters)
  return { letters, more: cursor !== null }
}
