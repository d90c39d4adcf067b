import { type FailureCause, failureCauses } from './lookup-call.ts'

/** How often lookups in a table failed for a cause, since the start of the process. */
export interface LookupFailureCount {
  readonly table: string
  readonly cause: FailureCause
  readonly count: number
}

interface LookupFailuresDeps {
  readonly log: { warn(fields: object, message: string): void }
  /** Ms that never jump. */
  readonly monotonic: () => number
}

/** Log lines with the same table and cause are at least this far apart. */
const logEveryMs = 60_000

export type LookupFailures = ReturnType<typeof createLookupFailures>

/** Counts the failed HTTP lookups by table and cause, and logs them. Neither has keys, URLs or answers. */
export function createLookupFailures({ log, monotonic }: LookupFailuresDeps) {
  const tables = new Map<string, Map<FailureCause, { count: number; logged: number; loggedAt: number }>>()

  function of(table: string) {
    const causes =
      tables.get(table) ??
      new Map(failureCauses.map((cause) => [cause, { count: 0, logged: 0, loggedAt: 0 }]))
    tables.set(table, causes)
    return (cause: FailureCause, status?: number): void => {
      const failures = causes.get(cause)
      if (failures === undefined) return
      failures.count += 1
      const at = monotonic()
      if (failures.logged > 0 && at - failures.loggedAt < logEveryMs) return
      const count = failures.count - failures.logged
      log.warn({ code: 'lookup_failed', table, cause, status, count }, 'lookup failed')
      failures.logged = failures.count
      failures.loggedAt = at
    }
  }

  return {
    /** Returns the recorder of one table, whose counts start at 0. */
    of,
    counts: (): readonly LookupFailureCount[] =>
      [...tables].flatMap(([table, causes]) =>
        [...causes].map(([cause, { count }]) => ({ table, cause, count })),
      ),
  }
}
