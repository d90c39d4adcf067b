import { ApiError, post } from '../core/api.js'

/** Most ids in one request is 1,000; smaller parts show progress, and stay far below the limit of a body. */
const idsPerRequest = 500

/**
 * Replays or drops letters in parts. Letters that another operator changed meanwhile are skipped.
 * @param {'replay' | 'drop'} action @param {readonly string[]} ids @param {(changed: number) => void} onProgress
 * @returns {Promise<number>} how many were changed
 */
export async function changeLetters(action, ids, onProgress) {
  let changed = 0
  for (let start = 0; start < ids.length; start += idsPerRequest) {
    changed += await changePart(action, ids.slice(start, start + idsPerRequest))
    onProgress(changed)
  }
  return changed
}

/** @param {'replay' | 'drop'} action @param {readonly string[]} ids */
async function changePart(action, ids) {
  try {
    /** @type {{ replayed?: number, dropped?: number }} */
    const { replayed, dropped } = await post(`admin/dead-letters/${action}`, { ids })
    return replayed ?? dropped ?? 0
  } catch (error) {
    if (error instanceof ApiError && error.code === 'event_not_found') return 0
    throw error
  }
}
