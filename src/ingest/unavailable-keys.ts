import type { FastifyBaseLogger } from 'fastify'
import type { FetchedScheme } from './authenticate/credentials.ts'

/** Counts and logs the requests that are answered 503, because the key that verifies their credential is not available. */
export interface UnavailableKeys {
  report(scheme: FetchedScheme, cause: string): void
  /** Requests since the process started, by scheme. */
  counts(): Readonly<Record<FetchedScheme, number>>
}

const logIntervalMs = 60_000

/** Logs at most one request per scheme and minute, because an outage affects every request. `monotonic`: in ms. */
export function createUnavailableKeys(
  log: Pick<FastifyBaseLogger, 'warn'>,
  monotonic: () => number,
): UnavailableKeys {
  const counts: Record<FetchedScheme, number> = { jwt: 0, sns: 0 }
  const loggedAt = new Map<FetchedScheme, number>()
  return {
    report: (scheme, cause) => {
      counts[scheme] += 1
      const at = monotonic()
      if (at - (loggedAt.get(scheme) ?? Number.NEGATIVE_INFINITY) < logIntervalMs) return
      loggedAt.set(scheme, at)
      log.warn({ code: 'keys_unavailable', scheme, cause }, 'credential not verified, answering 503')
    },
    counts: () => counts,
  }
}
