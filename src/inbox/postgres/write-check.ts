import { systemCodeOf } from '../../errors.ts'
import type { Query } from './connections.ts'

interface WriteCheckDeps {
  readonly query: Query
  readonly client: string
  readonly slot: number
  /** Ms of a clock that never jumps. */
  readonly monotonic: () => number
}

/** A write that succeeded this short a time ago shows that writes succeed. */
const freshMs = 1_000

/** Disk full, out of memory. */
const lacksResources: ReadonlySet<string> = new Set(['53100', '53200'])
/** While the disk is full, small writes still succeed, such as the probe. So a failure counts for a while. */
const lackMs = 5_000

/** Knows whether writes succeed. Probes share one write. */
export function createWriteCheck({ query, client, slot, monotonic }: WriteCheckDeps) {
  let succeededAt = Number.NEGATIVE_INFINITY
  let lack: { readonly error: unknown; readonly until: number } | undefined
  let probe: Promise<unknown> | undefined

  async function watch<Result>(write: Promise<Result>): Promise<Result> {
    try {
      const result = await write
      succeededAt = monotonic()
      return result
    } catch (error) {
      succeededAt = Number.NEGATIVE_INFINITY
      if (lacksResources.has(systemCodeOf(error, ''))) lack = { error, until: monotonic() + lackMs }
      throw error
    }
  }

  const write = () =>
    query(
      'INSERT INTO inbox_write_probes VALUES ($1, $2, $3) ON CONFLICT (client, slot) DO UPDATE SET at = excluded.at',
      [client, slot, monotonic()],
    )

  return {
    /** Notes whether this write succeeds. */
    watch,
    /** Rejects if a write would fail now. */
    async check(): Promise<void> {
      if (lack !== undefined && monotonic() < lack.until) throw lack.error
      if (monotonic() - succeededAt < freshMs) return
      probe ??= watch(write()).finally(() => {
        probe = undefined
      })
      await probe
    },
  }
}
