import { formatCount, formatDuration, plural } from '../core/format.js'

/** @import { AdminStatus } from '../../answer-types.ts' */
/** @typedef {AdminStatus['inbox']} Inbox */

/** Pending events that were not replayed. @param {Pick<Inbox, 'pending' | 'replayed'>} inbox */
export const liveIn = ({ pending, replayed }) => Math.max(0, pending - replayed)

/** How long events have waited: replayed ones apart, because they wait for all others. @param {Inbox} inbox */
export function waitsIn(inbox) {
  const { replayed, oldestLiveMs, oldestReplayedMs } = inbox
  const live = `Oldest${replayed > 0 ? ' live event' : ''}: ${liveIn(inbox) > 0 ? formatDuration(oldestLiveMs) : 'none'}`
  return replayed === 0
    ? live
    : `${live}; and ${formatCount(replayed)} replayed, the oldest for ${formatDuration(oldestReplayedMs)}`
}

/**
 * The place of replayed events in the order of delivery.
 * @param {Inbox | undefined} inbox @param {'it' | 'them'} before
 */
export function liveBefore(inbox, before) {
  if (inbox === undefined) return ''
  const live = liveIn(inbox)
  if (live === 0) return `No live event waits before ${before} now.`
  return `${plural(live, 'live event')} ${live === 1 ? 'waits' : 'wait'} before ${before} now.`
}
