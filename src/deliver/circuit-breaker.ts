import { fullJitter, type Random } from '../timing/backoff.ts'
import { maxPauseMs } from './retry-policy.ts'

export type CircuitReason = 'credentials_refused' | 'api_unavailable'

/** Stops calls while the API fails, and probes with single calls whether it is back. Times are epoch ms. */
export interface CircuitBreaker {
  /** How many calls may be under way now: all, one probe, or none. */
  limit(now: number, all: number): number
  succeeded(): void
  /**
   * One failure of the API itself. Several in a row open the circuit if they concern several participants: one participant
   * whose calls always fail must not stop the others. `retryAfterMs`: from the answer's Retry-After; no probe before.
   */
  failed(now: number, participant: string, retryAfterMs?: number): void
  /** The credentials were refused: opens at once. */
  refused(now: number): void
  /** Whether the last calls all failed, also those of a single participant, which do not open the circuit. */
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
  /** The latest Retry-After of the failures in a row. */
  let notBefore = 0
  let open: { reason: CircuitReason; probeAt: number } | undefined

  function trip(reason: CircuitReason, now: number): void {
    // Calls that were under way together fail together and count as one opening.
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
