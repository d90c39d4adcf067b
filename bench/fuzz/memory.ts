import { median } from '../support/median.ts'
import type { ServiceMemory } from './service-memory.ts'

export interface Sample extends ServiceMemory {
  /** Requests sent so far. */
  readonly sent: number
}

export interface Memory {
  /** Near 20, 60 and 100 % of the run. */
  readonly stages: readonly ServiceMemory[]
  /** After the warm-up, in bytes per request; NaN if the run was too short. */
  readonly growth: { readonly heapBytes: number; readonly externalBytes: number }
}

/** Until then, V8 compiles and caches fill. */
const warmUpRequests = 50_000

/** Evaluates the samples of a run, which are in order. */
export function memoryOf(samples: readonly Sample[]): Memory {
  const total = samples.at(-1)?.sent ?? 0
  const near = (share: number): readonly ServiceMemory[] =>
    samples
      .toSorted((a, b) => Math.abs(a.sent - share * total) - Math.abs(b.sent - share * total))
      .slice(0, 1)
  const later = samples.filter(({ sent }) => sent >= warmUpRequests)
  return {
    stages: [0.2, 0.6, 1].flatMap(near),
    growth: {
      heapBytes: slope(later, ({ heapMb }) => heapMb) * 1e6,
      externalBytes: slope(later, ({ externalMb }) => externalMb) * 1e6,
    },
  }
}

/**
 * MB per request: the median of the slopes between all pairs of samples (Theil–Sen), which a few samples with large requests in
 * progress don't change.
 */
function slope(samples: readonly Sample[], mbOf: (sample: Sample) => number): number {
  const slopes = samples.flatMap((one, index) =>
    samples
      .slice(index + 1)
      .filter(({ sent }) => sent > one.sent)
      .map((other) => (mbOf(other) - mbOf(one)) / (other.sent - one.sent)),
  )
  return median(slopes)
}
