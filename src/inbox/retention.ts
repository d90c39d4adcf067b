import type { Inbox } from './inbox.ts'

export interface Retention {
  start(): void
  /** Waits for the round under way. Idempotent. */
  stop(): Promise<void>
}

export interface RetentionDeps {
  readonly inbox: Inbox
  readonly eventMaxAgeMs: number
  readonly retentionMs: number
  readonly now: () => number
  readonly onExpired: (count: number) => void
  readonly onFailure: (error: unknown) => void
}

/** Rows per step: small enough not to hold up senders. */
const stepRows = 500
const slowestRoundMs = 60_000
const quickestRoundMs = 250

/** Ages the inbox: events that waited too long become dead letters, what was settled long ago is forgotten. */
export function createRetention(deps: RetentionDeps): Retention {
  const { inbox, now } = deps
  const shortest = Math.min(deps.eventMaxAgeMs, deps.retentionMs)
  const roundMs = Math.min(slowestRoundMs, Math.max(quickestRoundMs, Math.round(shortest / 10)))
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let round = Promise.resolve()

  async function repeat(step: () => Promise<number>, onRows?: (rows: number) => void): Promise<void> {
    let rows = stepRows
    while (rows >= stepRows && !stopped) {
      rows = await step()
      if (rows > 0) onRows?.(rows)
    }
  }

  async function run(): Promise<void> {
    try {
      await repeat(
        () => inbox.expire({ acceptedBefore: now() - deps.eventMaxAgeMs, limit: stepRows }),
        deps.onExpired,
      )
      await repeat(() => inbox.prune({ before: now() - deps.retentionMs, limit: stepRows }))
    } catch (error) {
      deps.onFailure(error)
    }
    if (!stopped) timer = setTimeout(next, roundMs)
  }
  function next(): void {
    round = run()
  }

  return {
    start: () => {
      if (timer === undefined && !stopped) timer = setTimeout(next, roundMs)
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await round
    },
  }
}
