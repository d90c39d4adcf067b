import { type Inbox, oldestAgeStart } from '../../inbox/inbox.ts'
import type { Totals } from '../../metrics/totals.ts'
import { createDelays } from './delays.ts'
import type { Sample } from './live-schemas.ts'

/** The last hour in intervals of 10 seconds, in memory. */
export interface History {
  /** Oldest first. */
  samples(): readonly Sample[]
  /** Records the delay of an applied event, from its acceptance. */
  applied(delayMs: number): void
  /** Ends the current interval. Resolves with its sample; never rejects. */
  sample(): Promise<Sample>
}

export const sampleIntervalMs = 10_000
const recentMs = 300_000
const maxSamples = 3_600_000 / sampleIntervalMs

const counted = ['accepted', 'applied', 'unchanged', 'dead', 'calls', 'rateLimited'] as const

interface HistoryDeps {
  readonly totals: Readonly<Totals>
  readonly inbox: Pick<Inbox, 'stats'>
  readonly now: () => number
  readonly random: () => number
}

export function createHistory({ totals, inbox, now, random }: HistoryDeps): History {
  const delays = createDelays({ random, recentIntervals: recentMs / sampleIntervalMs })
  const read = () => Object.fromEntries(counted.map((name) => [name, totals[name]]))
  let samples: readonly Sample[] = []
  let before = read()
  return {
    samples: () => samples,
    applied: delays.add,
    sample: async () => {
      const stats = await inbox.stats().catch(() => undefined)
      const after = read()
      const increase = (name: (typeof counted)[number]): number => (after[name] ?? 0) - (before[name] ?? 0)
      const at = now()
      const { last, recent } = delays.endInterval()
      const oldest = stats && oldestAgeStart(stats)
      const sample: Sample = {
        at: new Date(at).toISOString(),
        accepted: increase('accepted'),
        applied: increase('applied'),
        unchanged: increase('unchanged'),
        dead: increase('dead'),
        calls: increase('calls'),
        rateLimited: increase('rateLimited'),
        pending: stats?.pending ?? null,
        oldestPendingMs: stats === undefined ? null : oldest === undefined ? 0 : Math.max(0, at - oldest),
        p50Ms: last?.p50Ms ?? null,
        p95Ms: last?.p95Ms ?? null,
        recentP50Ms: recent?.p50Ms ?? null,
        recentP95Ms: recent?.p95Ms ?? null,
      }
      before = after
      samples = [...samples, sample].slice(-maxSamples)
      return sample
    },
  }
}
