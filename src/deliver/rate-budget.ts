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
  /** Calls per window that this service may spend. */
  readonly allowed: number
  /** How many of them it may still start; all of them while no window is known. */
  readonly remaining: number
  /** Calls of this service in the window, including those in flight. */
  readonly own: number
  /** Calls of other programs with the same OAuth client in the window, as far as the API reported them. */
  readonly others: number
  /** Calls that it may not start although nobody spent them: one kept back for the end of the window, and those whose calls got no response. */
  readonly reserved: number
  /** Epoch ms: the latest time at which the window ends. Undefined while no window is known. */
  readonly resetAt: number | undefined
  /** The numbers are RATE_LIMIT, because no answer had rate headers yet. */
  readonly assumed: boolean
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
  /** How many calls may start. If other programs spend from the same window, this is a part of what remains. */
  readonly startable: number
  /** The next time at which `startable` can rise without a response. Undefined: only a response can raise it. */
  readonly risesAt: number | undefined
}

/** Tracks how many calls the server still allows, from its responses. Pure: the caller passes all times (epoch ms). */
export interface RateBudget {
  start(now: number): BudgetedCall
  /** Calls that this service may still start in the window; calls in flight count as spent. */
  remaining(now: number): number
  availability(now: number): Availability
  snapshot(now: number): BudgetSnapshot
  /** Another node may have made calls since: what is left of the window is unknown. */
  forget(): void
}

/** The current window of the server. */
interface ServerWindow {
  readonly allowed: number
  /** The highest count reported so far, because responses arrive out of order, plus own calls without a report. Includes other programs. */
  readonly count: number
  /** The same without own calls that the API did not report: these may be in the highest report already. */
  readonly reported: number
  /** Completed calls of this service in this window. */
  readonly own: number
}

/**
 * While it is uncertain when the next window starts, one call is kept back to probe for it: if the old window still counts
 * that call, the call does not exceed the limit. Smaller limits cannot spare a call.
 */
const minAllowedForReserve = 50

/** Limits `unreportedEnds`: MAX_IN_FLIGHT allows at most 200 calls in flight. */
const maxUnreported = 200

/** If other programs spend too, this part of the remaining calls may be in flight at once. */
const inFlightPart = 1 / 4

/**
 * Three states:
 * - Window unknown (at start, or after its end): one call at a time, until a response has the headers.
 * - Window known: allowed − counted − in flight − the call kept back, and at most this service's share.
 * - API without headers: at most `rateLimit` calls in any period of `rateWindowMs`, since the start of the server's window is
 *   unknown.
 */
export function createRateBudget({ rateLimit, rateWindowMs, rateShare }: RateBudgetOptions): RateBudget {
  let inFlight = 0
  let window: ServerWindow | undefined
  let edge: WindowEdge | undefined
  let otherProgramsSpend = false
  /** When calls ended whose response had no rate headers, or that got no response. The server's last count may not include them. */
  let unreportedEnds: readonly number[] = []
  let headersSeen = false
  let headersMissing = false
  let starts: number[] = []

  const ownShare = (allowed: number): number => Math.max(1, Math.floor(allowed * rateShare))
  const windowAt = (now: number) => (edge !== undefined && now < edge.overAt() ? window : undefined)
  const withoutHeaders = () => headersMissing && !headersSeen
  const startsWithinWindow = (now: number): number[] => {
    starts = starts.filter((start) => start > now - rateWindowMs)
    return starts
  }

  /** 1 while the end of the window is uncertain and the probe is not due, else 0. */
  const keptBack = ({ allowed }: ServerWindow, now: number): number => {
    if (edge === undefined || allowed < minAllowedForReserve) return 0
    const probeAt = edge.probeAt()
    const endIsUncertain = probeAt < edge.overAt()
    return endIsUncertain && now < probeAt ? 1 : 0
  }

  function remaining(now: number): number {
    if (withoutHeaders()) return Math.max(0, ownShare(rateLimit) - startsWithinWindow(now).length)
    const known = windowAt(now)
    if (known === undefined) return Math.max(0, 1 - inFlight)
    const left = known.allowed - keptBack(known, now) - known.count - inFlight
    return Math.max(0, Math.min(left, ownShare(known.allowed) - known.own - inFlight))
  }

  /** Calls in flight may be counted by the server already, so they are not calls of other programs. */
  function spent(now: number): Pick<BudgetSnapshot, 'own' | 'others'> {
    const known = windowAt(now)
    if (known === undefined) return { own: Math.max(inFlight, startsWithinWindow(now).length), others: 0 }
    return { own: known.own + inFlight, others: Math.max(0, known.reported - known.own - inFlight) }
  }

  function startable(now: number): number {
    const known = windowAt(now)
    if (known === undefined || !otherProgramsSpend) return remaining(now)
    const atOnce = Math.ceil((known.allowed - keptBack(known, now) - known.count) * inFlightPart)
    return Math.max(0, Math.min(remaining(now), atOnce - inFlight))
  }

  function risesAt(now: number): number | undefined {
    if (!withoutHeaders()) return [edge?.probeAt(), edge?.overAt()].find((at) => at !== undefined && at > now)
    // Calls made before it was known that headers are missing can exceed the limit: the oldest of them free nothing.
    const startsInWindow = startsWithinWindow(now)
    const nextToFree = startsInWindow[Math.max(0, startsInWindow.length - ownShare(rateLimit))]
    return nextToFree === undefined ? undefined : nextToFree + rateWindowMs
  }

  /** Applies the headers of a response. Within a window the count only rises; a later window replaces it. */
  function applyHeaders({ count, allowed, resetMs }: RateHeaders, sentAt: number, receivedAt: number): void {
    headersSeen = true
    const observation = { sentAt, receivedAt, resetMs }
    const windowOfResponse = edge === undefined ? 'newer' : edge.observe(observation)
    edge ??= createWindowEdge(observation)
    // Calls that ended before this one was sent are in the server's count already.
    if (windowOfResponse !== 'older') unreportedEnds = unreportedEnds.filter((endedAt) => endedAt >= sentAt)
    if (windowOfResponse === 'newer' || window === undefined)
      window = {
        allowed,
        count: count + unreportedEnds.length,
        reported: count,
        own: 1 + unreportedEnds.length,
      }
    else if (windowOfResponse === 'same')
      window = {
        allowed,
        count: Math.max(window.count, count),
        reported: Math.max(window.reported, count),
        own: window.own + 1,
      }
    if (windowOfResponse === 'newer') otherProgramsSpend = false
    // Calls in flight may be counted already, so they do not indicate other programs.
    if (window.count > window.own + inFlight) otherProgramsSpend = true
  }

  return {
    start: (startedAt) => {
      inFlight += 1
      if (!headersSeen) starts = [...startsWithinWindow(startedAt), startedAt]
      return {
        ended: (now, rate) => {
          inFlight -= 1
          if (rate === 'none' && window === undefined) headersMissing = true
          if (typeof rate === 'object') applyHeaders(rate, startedAt, now)
          else {
            // The server may have counted the call. One call too few is better than a 429.
            unreportedEnds = [...unreportedEnds, now].slice(-maxUnreported)
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
    forget: () => {
      window = undefined
    },
    availability: (now) => ({ startable: startable(now), risesAt: risesAt(now) }),
    snapshot: (now) => {
      const known = windowAt(now)
      const allowed = ownShare(window?.allowed ?? rateLimit)
      // Before a window is known only one call may start, but people expect to see the whole window.
      const left = withoutHeaders() || known ? remaining(now) : allowed
      const { own, others } = spent(now)
      return {
        allowed,
        remaining: left,
        own,
        others,
        reserved: known === undefined ? 0 : Math.max(0, allowed - left - own - others),
        resetAt: known && edge?.overAt(),
        assumed: window === undefined,
      }
    },
  }
}
