import { waits } from '../parts/waiting.js'

/** @import { AdminStatus } from '../../answer-types.ts' */

/** What became of failed events: those that were replayed are no dead letters, but have not succeeded yet. @param {Pick<AdminStatus['inbox'], 'dead' | 'replayed'>} inbox */
export function failedWords({ dead, replayed }) {
  const waiting = replayed > 0 && `${waits(replayed, 'replayed event')} for delivery`
  if (dead === 0) return `No dead letters${waiting ? `; ${waiting}` : ''}.`
  return `The service no longer tries ${dead === 1 ? 'this event' : 'these events'}${waiting ? `; ${waiting}` : ''}.`
}
