import type { RateHeaders } from '../genesys/classify.ts'
import { createWindowEdge, type WindowEdge } from './window-edge.ts'

export interface RateBudgetOptions {
  /** What to assume until the API's headers say otherwise: calls per window. */
  readonly rateLimit: number
  readonly rateWindowMs: number
  /** Share of the allowance that this service may spend, in (0, 1]. */
  readonly rateShare: number
}

/** What an answer says of the window; `none`: it has no such headers; undefined: there was no answer. */
export type RateReport = RateHeaders | 'none' | undefined

export interface BudgetSnapshot {
  /** Calls per window, and how many of them are left. */
  readonly allowed: number
  readonly remaining: number
  /** Epoch ms; undefined: not known. */
  readonly resetAt: number | undefined
}

/** One call's part of the budget. Exactly one of the two is called, once. */
export interface BudgetedCall {
  /** The call was answered, or failed after it may have been counted. */
  ended(now: number, rate: RateReport): void
  /** The call was never made. */
  cancelled(): void
}

/**
 * Whether calls may start at one instant, and what changes that. Both come from one time, so no edge can fall between
 * them: while nothing is startable, `risesAt` is known or a call is under way.
 */
export interface Availability {
  /** How many calls may start: fewer than remain where others spend too, so that they cannot surprise us. */
  readonly startable: number
  /** When `startable` may rise without an answer, later than the instant itself; undefined: only an answer raises it. */
  readonly risesAt: number | undefined
}

/** What the server still allows, as far as its answers tell. Pure bookkeeping: times (epoch ms) are passed in. */
export interface RateBudget {
  start(now: number): BudgetedCall
  /** What is left of the window for us, calls under way taken off. */
  remaining(now: number): number
  availability(now: number): Availability
  snapshot(now: number): BudgetSnapshot
}

/** The server's window as it is now. */
interface ServerWindow {
  readonly allowed: number
  /** The highest count seen: answers come out of order, and other programs spend too. */
  readonly count: number
  /** Answered calls of our own in this window. */
  readonly own: number
}

/**
 * From this allowance on, one call is kept to look for the next window without earning a 429, as long as there is
 * doubt when that begins.
 */
const reserveFrom = 50

/** More calls without an answer than this cannot be under way around one edge. */
const maxUnanswered = 200

/** Near the end of a window others may take what we count on: this part of the rest may be under way at once. */
const cautiousPart = 1 / 4

/**
 * Three phases. Unknown (start, or the window is over): one call at a time, its answer tells where the window
 * stands. Known: allowed − counted − under way. No headers at all: never more than the assumed limit in any
 * stretch of the assumed length, whatever the phase of the server's window.
 */
export function createRateBudget({ rateLimit, rateWindowMs, rateShare }: RateBudgetOptions): RateBudget {
  let inFlight = 0
  let window: ServerWindow | undefined
  let edge: WindowEdge | undefined
  let othersSpend = false
  /** When calls ended without an answer, as far as a count may still lack them. */
  let unanswered: readonly number[] = []
  let headersSeen = false
  let headersMissing = false
  let starts: number[] = []

  const share = (allowed: number): number => Math.max(1, Math.floor(allowed * rateShare))
  const current = (now: number) => (edge !== undefined && now < edge.isOverAt() ? window : undefined)
  const withoutHeaders = () => headersMissing && !headersSeen
  const recentStarts = (now: number): number[] => {
    starts = starts.filter((start) => start > now - rateWindowMs)
    return starts
  }

  function remaining(now: number): number {
    if (withoutHeaders()) return Math.max(0, share(rateLimit) - recentStarts(now).length)
    const known = current(now)
    if (known === undefined) return Math.max(0, 1 - inFlight)
    const left = known.allowed - reserve(known, now) - known.count - inFlight
    return Math.max(0, Math.min(left, share(known.allowed) - known.own - inFlight))
  }

  function startable(now: number): number {
    const known = current(now)
    if (known === undefined || !othersSpend) return remaining(now)
    const atOnce = Math.ceil((known.allowed - reserve(known, now) - known.count) * cautiousPart)
    return Math.max(0, Math.min(remaining(now), atOnce - inFlight))
  }

  function risesAt(now: number): number | undefined {
    if (!withoutHeaders())
      return [edge?.worthALookAt(), edge?.isOverAt()].find((at) => at !== undefined && at > now)
    const [oldest] = recentStarts(now)
    return oldest === undefined ? undefined : oldest + rateWindowMs
  }

  const reserve = ({ allowed }: ServerWindow, now: number): number => {
    if (edge === undefined || allowed < reserveFrom) return 0
    const look = edge.worthALookAt()
    return look < edge.isOverAt() && now < look ? 1 : 0
  }

  /** Within a window the count only rises; an answer that tells of a later window begins anew. */
  function learn({ count, allowed, resetMs }: RateHeaders, sentAt: number, receivedAt: number): void {
    headersSeen = true
    const sighting = { sentAt, receivedAt, resetMs }
    const where = edge === undefined ? 'newer' : edge.see(sighting)
    edge ??= createWindowEdge(sighting)
    if (where !== 'older') unanswered = unanswered.filter((endedAt) => endedAt >= sentAt)
    if (where === 'newer' || window === undefined)
      window = { allowed, count: count + unanswered.length, own: 1 + unanswered.length }
    else if (where === 'same') window = { allowed, count: Math.max(window.count, count), own: window.own + 1 }
    if (where === 'newer') othersSpend = false
    // Calls of our own that the server has counted but not yet answered are no sign of others.
    if (window.count > window.own + inFlight) othersSpend = true
  }

  return {
    start: (startedAt) => {
      inFlight += 1
      if (!headersSeen) starts = [...recentStarts(startedAt), startedAt]
      return {
        ended: (now, rate) => {
          inFlight -= 1
          if (rate === 'none' && window === undefined) headersMissing = true
          if (typeof rate === 'object') learn(rate, startedAt, now)
          else {
            // It may have been counted: better one call too few than a 429.
            unanswered = [...unanswered, now].slice(-maxUnanswered)
            if (window !== undefined) window = { ...window, count: window.count + 1, own: window.own + 1 }
          }
        },
        cancelled: () => {
          inFlight -= 1
          const place = starts.lastIndexOf(startedAt)
          if (place >= 0) starts.splice(place, 1)
        },
      }
    },
    remaining,
    availability: (now) => ({ startable: startable(now), risesAt: risesAt(now) }),
    snapshot: (now) => ({
      allowed: share(window?.allowed ?? rateLimit),
      remaining: withoutHeaders() || current(now) ? remaining(now) : share(window?.allowed ?? rateLimit),
      resetAt: current(now) && edge?.isOverAt(),
    }),
  }
}
