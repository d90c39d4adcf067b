import { fullJitter, maxPauseMs, type Random } from '../timing/backoff.ts'

/**
 * Stops all calls until a pause ends, and limits how many run at once right after it. The latest end wins; nothing ends a
 * pause early. Times are epoch ms.
 */
export interface PauseGate {
  /**
   * Pauses until `end`: at least 200 ms and at most an hour, and a little longer (jitter), so that several clients do not
   * return at once. Returns the end of the pause in force; `clamped`: this call asked for more than an hour.
   */
  pause(end: number, now: number): { readonly end: number; readonly clamped: boolean }
  /** How many calls may be under way now: none while paused, one after a pause, twice as many after each success, up to `maxInFlight`. */
  limit(now: number, maxInFlight: number): number
  /** Reports a call that succeeded. Within a pause it does not count, because it began before. */
  succeeded(now: number): void
  /** The end of the pause; undefined while not paused. */
  pauseEnd(now: number): number | undefined
}

/** A Retry-After of 0 must not make calls run hot. */
const minPauseMs = 200
const jitterShareOfPause = 0.02
const maxJitterMs = 500

export function createPauseGate(random: Random): PauseGate {
  let pauseEnd = 0
  /** Calls allowed at once while delivery speeds up after a pause. */
  let pace = Number.POSITIVE_INFINITY
  return {
    pause: (end, now) => {
      const allowedEnd = Math.min(Math.max(end, now + minPauseMs), now + maxPauseMs)
      const maxJitter = Math.min(maxJitterMs, (allowedEnd - now) * jitterShareOfPause)
      pauseEnd = Math.max(pauseEnd, allowedEnd + fullJitter(maxJitter, random))
      pace = 1
      return { end: pauseEnd, clamped: allowedEnd < end }
    },
    limit: (now, maxInFlight) => (now < pauseEnd ? 0 : Math.min(maxInFlight, pace)),
    succeeded: (now) => {
      if (now >= pauseEnd) pace *= 2
    },
    pauseEnd: (now) => (now >= pauseEnd ? undefined : pauseEnd),
  }
}
