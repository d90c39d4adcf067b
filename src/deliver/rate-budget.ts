import type { RateHeaders } from '../genesys/classify.ts'
import { createWindowEdge, type WindowEdge } from './window-edge.ts'

export interface RateBudgetOptions {
  /** Calls per window, until the API's headers give another number. */
  readonly rateLimit: number
  readonly rateWindowMs: number
  /** Share of the allowed calls that this service may spend, in (0, 1]. */
  readonly rateShare: number
}

/** The rate headers of a response; `none`: a response without them; undefined: no response. */
export type RateReport = RateHeaders | 'none' | undefined

export interface BudgetSnapshot {
  /** Calls per window, and how many of them remain. */
  readonly allowed: number
  readonly remaining: number
  /** Epoch ms; undefined: unknown. */
  readonly resetAt: number | undefined
}

/** The budget of one call. Call exactly one of the two functions, once. */
export interface BudgetedCall {
  /** The call got a response, or failed after the server may have counted it. */
  ended(now: number, rate: RateReport): void
  /** The call was not made. */
  cancelled(): void
}

/**
 * How many calls may start at one instant, and when that rises. Both are computed for the same instant, so the window
 * cannot end between them: while no call may start, `risesAt` is known or a call is in flight.
 */
export interface Availability {
  /** How many calls may start: fewer than remain if other programs use the same token, since they may spend the rest. */
  readonly startable: number
  /** When `startable` may rise without a response, after this instant; undefined: only a response raises it. */
  readonly risesAt: number | undefined
}

/** Tracks how many calls the server still allows, from its responses. Pure: the caller passes all times (epoch ms). */
export interface RateBudget {
  start(now: number): BudgetedCall
  /** Calls that this service may still start in the window; calls in flight count as spent. */
  remaining(now: number): number
  availability(now: number): Availability
  snapshot(now: number): BudgetSnapshot
}

/** The current window of the server. */
interface ServerWindow {
  readonly allowed: number
  /** The highest count so far: responses arrive out of order, and other programs spend too. */
  readonly count: number
  /** Completed calls of this service in this window. */
  readonly own: number
}

/**
 * From this number of allowed calls on, one call is reserved to probe for the next window without risking a 429, while
 * its start is uncertain.
 */
const minAllowedForReserve = 50

/** Bounds the list: more calls cannot be in flight when a window ends. */
const maxWithoutResponse = 200

/** If other programs spend too, this part of the remaining calls may be in flight at once. */
const inFlightPart = 1 / 4

/**
 * Three phases. Window unknown (at start, or after its end): one call at a time, until a response has the headers.
 * Window known: allowed − counted − in flight. API without headers: at most `rateLimit` calls in any period of
 * `rateWindowMs`, since the start of the server's window is unknown.
 */
export function createRateBudget({ rateLimit, rateWindowMs, rateShare }: RateBudgetOptions): RateBudget {
  let inFlight = 0
  let window: ServerWindow | undefined
  let edge: WindowEdge | undefined
  let otherProgramsSpend = false
  /** End times of calls without a response that the server's last count may not include. */
  let endedWithoutResponse: readonly number[] = []
  let headersSeen = false
  let headersMissing = false
  let starts: number[] = []

  const share = (allowed: number): number => Math.max(1, Math.floor(allowed * rateShare))
  const current = (now: number) => (edge !== undefined && now < edge.overAt() ? window : undefined)
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
    if (known === undefined || !otherProgramsSpend) return remaining(now)
    const atOnce = Math.ceil((known.allowed - reserve(known, now) - known.count) * inFlightPart)
    return Math.max(0, Math.min(remaining(now), atOnce - inFlight))
  }

  function risesAt(now: number): number | undefined {
    if (!withoutHeaders()) return [edge?.probeAt(), edge?.overAt()].find((at) => at !== undefined && at > now)
    const [oldest] = recentStarts(now)
    return oldest === undefined ? undefined : oldest + rateWindowMs
  }

  const reserve = ({ allowed }: ServerWindow, now: number): number => {
    if (edge === undefined || allowed < minAllowedForReserve) return 0
    const probeAt = edge.probeAt()
    return probeAt < edge.overAt() && now < probeAt ? 1 : 0
  }

  /** Applies the headers of a response. Within a window the count only rises; a later window replaces it. */
  function applyHeaders({ count, allowed, resetMs }: RateHeaders, sentAt: number, receivedAt: number): void {
    headersSeen = true
    const observation = { sentAt, receivedAt, resetMs }
    const position = edge === undefined ? 'newer' : edge.observe(observation)
    edge ??= createWindowEdge(observation)
    if (position !== 'older')
      endedWithoutResponse = endedWithoutResponse.filter((endedAt) => endedAt >= sentAt)
    if (position === 'newer' || window === undefined)
      window = { allowed, count: count + endedWithoutResponse.length, own: 1 + endedWithoutResponse.length }
    else if (position === 'same')
      window = { allowed, count: Math.max(window.count, count), own: window.own + 1 }
    if (position === 'newer') otherProgramsSpend = false
    // Calls in flight may be counted already, so they do not indicate other programs.
    if (window.count > window.own + inFlight) otherProgramsSpend = true
  }

  return {
    start: (startedAt) => {
      inFlight += 1
      if (!headersSeen) starts = [...recentStarts(startedAt), startedAt]
      return {
        ended: (now, rate) => {
          inFlight -= 1
          if (rate === 'none' && window === undefined) headersMissing = true
          if (typeof rate === 'object') applyHeaders(rate, startedAt, now)
          else {
            // The server may have counted the call. One call too few is better than a 429.
            endedWithoutResponse = [...endedWithoutResponse, now].slice(-maxWithoutResponse)
            if (window !== undefined) window = { ...window, count: window.count + 1, own: window.own + 1 }
          }
        },
        cancelled: () => {
          inFlight -= 1
          const index = starts.lastIndexOf(startedAt)
          if (index >= 0) starts.splice(index, 1)
        },
      }
    },
    remaining,
    availability: (now) => ({ startable: startable(now), risesAt: risesAt(now) }),
    snapshot: (now) => ({
      allowed: share(window?.allowed ?? rateLimit),
      remaining: withoutHeaders() || current(now) ? remaining(now) : share(window?.allowed ?? rateLimit),
      resetAt: current(now) && edge?.overAt(),
    }),
  }
}
