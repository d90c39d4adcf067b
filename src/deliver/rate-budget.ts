import type { RateHeaders } from '../genesys/classify.ts'

export interface RateBudgetOptions {
  /** What to assume until the API's headers say otherwise: calls per window. */
  readonly rateLimit: number
  readonly rateWindowMs: number
  /** Share of the allowance that this service may spend, in (0, 1]. */
  readonly rateShare: number
}

/** What an answer says of the window; `none`: it has no such headers; undefined: there was no answer. */
export type RateReport = RateHeaders | 'none' | undefined

/** A place taken in the budget. Exactly one of the two is called, once. */
export interface BudgetedCall {
  /** The call was answered, or failed after it may have been counted. */
  ended(now: number, rate: RateReport): void
  /** The call was never made. */
  cancelled(): void
}

/** What the server still allows, as far as its answers tell. Pure bookkeeping: times (epoch ms) are passed in. */
export interface RateBudget {
  start(now: number): BudgetedCall
  /** How many calls may start now. */
  remaining(now: number): number
  /** When `remaining` may rise without an answer; undefined if nothing but an answer raises it. */
  risesAt(now: number): number | undefined
  snapshot(now: number): { allowed: number; remaining: number; resetAt: number | undefined }
}

interface ServerWindow {
  readonly allowed: number
  /** The highest count seen: answers come out of order, and other programs spend too. */
  readonly count: number
  readonly endsAt: number
  /** Calls of our own in this window, for the share. */
  readonly own: number
}

/** Ends of the same window, as told by different answers, differ by rounding and travel time. */
const sameWindowMs = 1_500

/** From this allowance on, one call is kept to look for the next window without earning a 429. */
const reserveFrom = 50

/**
 * Three phases. Unknown (start, or the window has just ended): one call at a time, its answer tells where the
 * window stands. Known: allowed − counted − under way. No headers at all: never more than the assumed limit in any
 * stretch of the assumed length, whatever the phase of the server's window.
 */
export function createRateBudget({ rateLimit, rateWindowMs, rateShare }: RateBudgetOptions): RateBudget {
  let inFlight = 0
  let window: ServerWindow | undefined
  let headersSeen = false
  let headersMissing = false
  let starts: number[] = []

  const share = (allowed: number): number => Math.max(1, Math.floor(allowed * rateShare))
  const current = (now: number) => (window !== undefined && now < window.endsAt ? window : undefined)
  const withoutHeaders = () => headersMissing && !headersSeen
  const recentStarts = (now: number): number[] => {
    starts = starts.filter((start) => start > now - rateWindowMs)
    return starts
  }

  function remaining(now: number): number {
    if (withoutHeaders()) return Math.max(0, share(rateLimit) - recentStarts(now).length)
    const known = current(now)
    if (known === undefined) return Math.max(0, 1 - inFlight)
    const reserve = known.allowed >= reserveFrom ? 1 : 0
    const unspent = known.allowed - reserve - known.count - inFlight
    return Math.max(0, Math.min(unspent, share(known.allowed) - known.own - inFlight))
  }

  /** Within a window the count only rises; an answer that tells of a later window begins anew. */
  function learn({ count, allowed, resetMs }: RateHeaders, now: number): void {
    headersSeen = true
    const endsAt = now + resetMs
    const known = current(now)
    if (known === undefined || endsAt > known.endsAt + sameWindowMs) {
      window = { allowed, count, endsAt, own: 1 }
    } else if (endsAt >= known.endsAt - sameWindowMs) {
      window = {
        allowed,
        count: Math.max(known.count, count),
        endsAt: Math.min(known.endsAt, endsAt),
        own: known.own + 1,
      }
    }
  }

  return {
    start: (startedAt) => {
      inFlight += 1
      if (!headersSeen) starts.push(startedAt)
      return {
        ended: (now, rate) => {
          inFlight -= 1
          if (rate === 'none' && window === undefined) headersMissing = true
          if (typeof rate === 'object') learn(rate, now)
          // It may have been counted: better one call too few than a 429.
          else if (window !== undefined) window = { ...window, count: window.count + 1, own: window.own + 1 }
        },
        cancelled: () => {
          inFlight -= 1
          const place = starts.lastIndexOf(startedAt)
          if (place >= 0) starts.splice(place, 1)
        },
      }
    },
    remaining,
    risesAt: (now) => {
      if (!withoutHeaders()) return current(now)?.endsAt
      const [oldest] = recentStarts(now)
      return oldest === undefined ? undefined : oldest + rateWindowMs
    },
    snapshot: (now) => ({
      allowed: share(window?.allowed ?? rateLimit),
      remaining: withoutHeaders() || current(now) ? remaining(now) : share(window?.allowed ?? rateLimit),
      resetAt: current(now)?.endsAt,
    }),
  }
}
