import { fullJitter, type Random } from '../timing/backoff.ts'
import { maxPauseMs } from './retry-policy.ts'

/**
 * Until when nobody may call, and how many at once right after. The latest wish wins; nothing opens the gate
 * early. Times are epoch ms.
 */
export interface PauseGate {
  /** `until`: what is kept, with a little jitter so that several clients do not come back at once. */
  pauseUntil(time: number, now: number): { readonly until: number; readonly clamped: boolean }
  /** How many calls may be under way now: none while closed; after a pause one, then twice as many with each success. */
  limit(now: number, all: number): number
  /** What began before the pause and ends within it proves nothing. */
  succeeded(now: number): void
  /** undefined while open. */
  pausedUntil(now: number): number | undefined
}

/** A Retry-After of nothing must not make calls run hot. */
const minPauseMs = 200
const jitterPart = 0.02
const maxJitterMs = 500

export function createPauseGate(random: Random): PauseGate {
  let until = 0
  /** Calls allowed at once while delivery gathers pace after a pause. */
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
