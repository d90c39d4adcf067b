import { fullJitter, maxPauseMs, type Random } from './backoff.ts'

export type CircuitReason = 'credentials_refused' | 'api_unavailable'

/**
 * Stops calls while an API fails, and probes with single calls whether it is back. The caller passes all times, in ms of a
 * clock that never jumps.
 */
export interface CircuitBreaker {
  /** How many calls may be under way now: `maxInFlight`, one probe, or none. */
  limit(now: number, maxInFlight: number): number
  succeeded(): void
  /** One failure of the API itself, at a call for `key`. `retryAfterMs`: from the answer's Retry-After; no probe before. */
  failed(now: number, key: string, retryAfterMs?: number): void
  /** The credentials were refused: opens at once. */
  refused(now: number): void
  /** Whether the last calls all failed, also those of a single key, which may not open the circuit. */
  isFailing(): boolean
  /** undefined while closed. `since`: when it opened; failed probes don't change it. */
  open(): { readonly reason: CircuitReason; readonly since: number; readonly probeAt: number } | undefined
}

export interface CircuitBreakerOptions {
  /** The failures in a row that open the circuit must concern this many keys. With 2, one bad key cannot stop all calls. */
  readonly keysToOpen: number
  readonly random: Random
}

const failuresToOpen = 5
const firstProbeMs = 1_000
const slowestProbeMs = 30_000

export function createCircuitBreaker({ keysToOpen, random }: CircuitBreakerOptions): CircuitBreaker {
  let failures = 0
  let failing = new Set<string>()
  let openings = 0
  /** The latest Retry-After of the failures in a row. */
  let notBefore = 0
  let open: { reason: CircuitReason; since: number; probeAt: number } | undefined

  function trip(reason: CircuitReason, now: number): void {
    // Calls that were under way together fail together and count as one opening.
    if (open !== undefined && now < open.probeAt) {
      open = { ...open, probeAt: Math.max(open.probeAt, notBefore) }
      return
    }
    openings += 1
    const ceiling = Math.min(slowestProbeMs, firstProbeMs * 2 ** (openings - 1))
    // Half of the wait is jitter, so that processes that share an API do not probe it together.
    const probeAt = Math.max(notBefore, now + ceiling / 2 + fullJitter(ceiling / 2, random))
    open = { reason, since: open?.since ?? now, probeAt }
  }

  return {
    limit: (now, maxInFlight) => {
      if (open === undefined) return maxInFlight
      return now >= open.probeAt ? 1 : 0
    },
    succeeded: () => {
      failures = 0
      failing = new Set()
      openings = 0
      notBefore = 0
      open = undefined
    },
    failed: (now, key, retryAfterMs = 0) => {
      failures += 1
      notBefore = Math.max(notBefore, now + Math.min(retryAfterMs, maxPauseMs))
      if (failing.size < keysToOpen) failing.add(key)
      const broad = failures >= failuresToOpen && failing.size >= keysToOpen
      if (broad || open !== undefined) trip('api_unavailable', now)
    },
    refused: (now) => trip('credentials_refused', now),
    isFailing: () => failures >= failuresToOpen,
    open: () => open,
  }
}
