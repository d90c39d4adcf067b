import { fullJitter, maxPauseMs, type Random } from '../timing/backoff.ts'

/**
 * Stops all calls until a pause ends, and limits how many run at once right after it. The latest end wins; nothing ends a
 * pause early. Times are epoch ms.
 */
export interface PauseGate {
  /** `until`: the end of the pause, with a little jitter so that several clients do not return at once. `clamped`: it was cut to an hour. */
  pauseUntil(time: number, now: number): { readonly until: number; readonly clamped: boolean }
  /** How many calls may be under way now: none while paused; after a pause one, then twice as many with each success. */
  limit(now: number, all: number): number
  /** A call that succeeds within the pause began before it and does not count. */
  succeeded(now: number): void
  /** undefined while not paused. */
  pausedUntil(now: number): number | undefined
}

/** A Retry-After of 0 must not make calls run hot. */
const minPauseMs = 200
const jitterPart = 0.02
const maxJitterMs = 500

export function createPauseGate(random: Random): PauseGate {
  let until = 0
  /** Calls allowed at once while delivery speeds up after a pause. */
  let pace = Number.POSITIVE_INFINITY
  return {
    pauseUntil: (time, now) => {
      const wished = Math.min(Math.max(time, now + minPauseMs), now + maxPauseMs)
      const jitterMs = fullJitter(Math.min(maxJitterMs, (wished - now) * jitterPart), random)
      until = Math.max(until, wished + Math.max(0, jitterMs))
      pace = 1
      return { until, clamped: wished < time }
    },
    limit: (now, all) => (now < until ? 0 : Math.min(all, pace)),
    succeeded: (now) => {
      if (now >= until) pace *= 2
    },
    pausedUntil: (now) => (now >= until ? undefined : until),
  }
}
