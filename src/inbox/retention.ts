import type { Inbox } from './inbox.ts'

export interface Retention {
  start(): void
  /** Waits for the current run. Idempotent. */
  stop(): Promise<void>
}

interface RetentionDeps {
  readonly inbox: Inbox
  readonly eventMaxAgeMs: number
  readonly retentionMs: number
  readonly now: () => number
  readonly onExpired: (count: number) => void
  readonly onFailure: (error: unknown) => void
}

/** Rows per transaction: few enough not to delay appends. */
const rowsPerStep = 500
const longestIntervalMs = 60_000
const shortestIntervalMs = 250

/** Applies the retention at an interval: expires events that are too old, and prunes old rows. */
export function createRetention(deps: RetentionDeps): Retention {
  const { inbox, now } = deps
  const shortest = Math.min(deps.eventMaxAgeMs, deps.retentionMs)
  const intervalMs = Math.min(longestIntervalMs, Math.max(shortestIntervalMs, Math.round(shortest / 10)))
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let currentRun = Promise.resolve()

  async function repeat(step: () => Promise<number>, onRows?: (rows: number) => void): Promise<void> {
    let rows = rowsPerStep
    while (rows >= rowsPerStep && !stopped) {
      rows = await step()
      if (rows > 0) onRows?.(rows)
    }
  }

  async function run(): Promise<void> {
    // Of several nodes, the one that delivers.
    if (inbox.nodes?.mayDeliver() !== false) await expireAndPrune()
    if (!stopped) timer = setTimeout(next, intervalMs)
  }
  async function expireAndPrune(): Promise<void> {
    try {
      await repeat(
        () => inbox.expire({ acceptedBefore: now() - deps.eventMaxAgeMs, limit: rowsPerStep }),
        deps.onExpired,
      )
      await repeat(() => inbox.prune({ before: now() - deps.retentionMs, limit: rowsPerStep }))
    } catch (error) {
      deps.onFailure(error)
    }
  }
  function next(): void {
    currentRun = run()
  }

  return {
    start: () => {
      if (timer === undefined && !stopped) timer = setTimeout(next, intervalMs)
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await currentRun
    },
  }
}
