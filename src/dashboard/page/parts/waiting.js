import { formatCount, formatDuration, plural } from '../core/format.js'

/** @import { AdminStatus } from '../../answer-types.ts' */
/** @typedef {AdminStatus['inbox']} Inbox */

/** Pending events that were not replayed. @param {Pick<Inbox, 'pending' | 'replayed'>} inbox */
export const liveIn = ({ pending, replayed }) => Math.max(0, pending - replayed)

/** `4 replayed events wait`. @param {number} count @param {string} one */
export const waits = (count, one) => `${plural(count, one)} ${count === 1 ? 'waits' : 'wait'}`

/** How long events have waited: replayed ones apart, because they wait for all others. @param {Inbox} inbox */
export function waitsIn(inbox) {
  const { replayed, oldestLiveMs, oldestReplayedMs } = inbox
  const live = `Oldest${replayed > 0 ? ' live event' : ''}: ${liveIn(inbox) > 0 ? formatDuration(oldestLiveMs) : 'none'}`
  return replayed === 0
    ? live
    : `${live}; and ${formatCount(replayed)} replayed, the oldest for ${formatDuration(oldestReplayedMs)}`
}

/**
 * When replayed events get a turn.
 * @param {Pick<AdminStatus, 'inbox' | 'delivery'> | null | undefined} status @param {'it' | 'them'} who
 */
export function turnOfReplayed(status, who) {
  const order = `The service delivers replayed events after all live events. ${liveBefore(status?.inbox, who)}`
  if (!status || liveIn(status.inbox) === 0) return order.trimEnd()
  const they = who === 'it' ? 'it gets' : 'they get'
  return status.delivery.waitsFor === 'rate_budget'
    ? `${order} Now live events use up each rate window, so ${they} a turn rarely.`
    : `${order} While live events use up each rate window, ${they} a turn rarely.`
}

/**
 * The place of replayed events in the order of delivery.
 * @param {Inbox | undefined} inbox @param {'it' | 'them'} before
 */
export function liveBefore(inbox, before) {
  if (inbox === undefined) return ''
  const live = liveIn(inbox)
  if (live === 0) return `No live event waits before ${before} now.`
  return `${waits(live, 'live event')} before ${before} now.`
}
