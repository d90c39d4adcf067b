import type { Totals } from '../metrics/totals.ts'
import { prepareService, type StartOptions } from './prepare-service.ts'

// The main entry of the package: everything that this file exports is public.
export { ConfigurationError } from '../errors.ts'
export { InboxOpenError } from '../inbox/inbox.ts'
export type { StartOptions }

export interface RunningService {
  /** The URL for senders on this machine, with the port that the service listens on, such as `http://localhost:8080`. */
  readonly url: string
  /** Counts since the start: accepted, duplicates, ignored, rejected, applied, unchanged, dead, calls, rateLimited, undecided. */
  totals(): Readonly<Totals>
  /** Reads rules and tables again. An invalid file changes nothing and is logged. */
  reloadRules(): Promise<'replaced' | 'unchanged' | 'invalid'>
  /**
   * Resolves with the error if the inbox turns out, after the start, not to be usable: the PostgreSQL server was not reachable at the
   * start, and now it refuses the password, for example. Call `stop` then.
   */
  readonly failed: Promise<unknown>
  /** Refuses new events, lets calls under way finish within SHUTDOWN_GRACE_MS, and closes the inbox. Idempotent. */
  stop(): Promise<void>
}

/**
 * Starts the service in this process. Rejects with `ConfigurationError`, whose `problems` name each wrong setting or place in
 * the rules file; with `InboxOpenError` if the inbox cannot be opened; with the system's error if the port cannot be opened.
 */
export async function startService(options: StartOptions = {}): Promise<RunningService> {
  const { service, rules } = await prepareService(options)
  const { url } = await service.start()
  return {
    url,
    totals: () => ({ ...service.totals }),
    reloadRules: rules.reload,
    failed: service.failed,
    stop: service.stop,
  }
}
