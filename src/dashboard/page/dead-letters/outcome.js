import { formatCount } from '../core/format.js'

/** What became of replayed events, in one line. @param {Pick<import('./changes.js').Change, 'changed' | 'waiting' | 'failed'>} change */
export function outcomeOf({ changed, waiting, failed }) {
  const delivered = Math.max(0, changed - waiting - failed.length)
  const codes = failed.length === 0 ? '' : ` (${[...new Set(failed)].join(', ')})`
  const waits = waiting === 0 ? '' : `, ${formatCount(waiting)} ${waiting === 1 ? 'waits' : 'wait'}`
  return `${formatCount(changed)} put back: ${formatCount(delivered)} delivered, ${formatCount(failed.length)} failed${codes}${waits}.`
}
