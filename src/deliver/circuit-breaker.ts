import { fullJitter, type Random } from '../timing/backoff.ts'
import { maxPauseMs } from './retry-policy.ts'

export type CircuitReason = 'credentials_refused' | 'api_unavailable'

/** Keeps calls from an API that fails, and finds out with single probes when it is back. Times are epoch ms. */
export interface CircuitBreaker {
  /** How many calls may be under way now: all, one probe, or none. */
  limit(now: number, all: number): number
  succeeded(): void
  /**
   * One failure of the API itself. Several in a row open the circuit, if they are of several participants: one that
   * always fails must not hold up the others. `retryAfterMs`: what the answer asked for; no probe is due before.
   */
  failed(now: number, participant: string, retryAfterMs?: number): void
  /** The credentials were refused: opens at once. */
  refused(now: number): void
  /** The last calls all failed, also if one participant alone is not enough to open the circuit. */
  isFailing(): boolean
  /** undefined while closed. */
  open(): { readonly reason: CircuitReason; readonly probeAt: number } | undefined
}

const failuresToOpen = 5
const participantsToOpen = 2
const firstProbeMs = 1_000
const slowestProbeMs = 30_000

export function createCircuitBreaker(random: Random): CircuitBreaker {
  let failures = 0
  let failing = new Set<string>()
  let openings = 0
  /** The latest time that a failure in this row asked to wait for. */
  let notBefore = 0
  let open: { reason: CircuitReason; probeAt: number } | undefined

  function trip(reason: CircuitReason, now: number): void {
    // Calls that were under way together fail together: they are one opening, not many.
    if (open !== undefined && now < open.probeAt) {
      open = { ...open, probeAt: Math.max(open.probeAt, notBefore) }
      return
    }
    openings += 1
    const ceiling = Math.min(slowestProbeMs, firstProbeMs * 2 ** (openings - 1))
    open = { reason, probeAt: Math.max(notBefore, now + ceiling / 2 + fullJitter(ceiling / 2, random)) }
  }

  return {
    limit: (now, all) => {
      if (open === undefined) return all
      return now >= open.probeAt ? 1 : 0
    },
    succeeded: () => {
      failures = 0
      failing = new Set()
      openings = 0
      notBefore = 0
      open = undefined
    },
    failed: (now, participant, retryAfterMs = 0) => {
      failures += 1
      notBefore = Math.max(notBefore, now + Math.min(retryAfterMs, maxPauseMs))
      if (failing.size < participantsToOpen) failing.add(participant)
      const broad = failures >= failuresToOpen && failing.size >= participantsToOpen
      if (broad || open !== undefined) trip('api_unavailable', now)
    },
    refused: (now) => trip('credentials_refused', now),
    isFailing: () => failures >= failuresToOpen,
    open: () => open,
  }
}
