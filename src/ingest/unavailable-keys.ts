import type { Log } from '../log/log.ts'
import type { RareLog } from '../log/rare-log.ts'
import type { FetchedScheme } from './authenticate/credentials.ts'

/** Counts and logs the requests that are answered 503, because the key that verifies their credential is not available. */
export interface UnavailableKeys {
  report(scheme: FetchedScheme, cause: string): void
  /** Requests since the process started, by scheme. */
  counts(): Readonly<Record<FetchedScheme, number>>
}

/** Logs at most one request per scheme and minute, because an outage affects every request. */
export function createUnavailableKeys(log: Log<'warn'>, rarely: RareLog): UnavailableKeys {
  const counts: Record<FetchedScheme, number> = { jwt: 0, sns: 0 }
  return {
    report: (scheme, cause) => {
      counts[scheme] += 1
      rarely(`keys_unavailable ${scheme}`, (requests) =>
        log.warn(
          { code: 'keys_unavailable', scheme, cause, count: requests },
          'credential not verified, answering 503',
        ),
      )
    },
    counts: () => counts,
  }
}
