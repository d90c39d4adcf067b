import { median } from '../support/median.ts'
import type { Sample } from './monitor.ts'

export interface Memory {
  /** RSS in MB near this share of the run: the median of a few samples. */
  readonly at20: number
  readonly at60: number
  readonly at100: number
  /** Rise of the regression line through the samples between 20 % and 100 % of the run. */
  readonly growthMb: number
  /** Minimum heap between 20 % and 60 % of the run, and afterwards: memory that garbage collection cannot free. */
  readonly heapFloorMb: readonly [before: number, after: number]
}

/** Evaluates the samples of a run with `total` requests. */
export function memoryOf(samples: readonly Sample[], total: number): Memory {
  const near = (share: number): number => {
    const nearest = samples.toSorted(
      (a, b) => Math.abs(a.sent - share * total) - Math.abs(b.sent - share * total),
    )
    return median(nearest.slice(0, 3).map(({ rssMb }) => rssMb))
  }
  const floor = (from: number, to: number): number =>
    Math.min(
      ...samples.filter(({ sent }) => sent >= from * total && sent < to * total).map(({ heapMb }) => heapMb),
    )
  const later = samples.filter(({ sent }) => sent >= 0.2 * total)
  return {
    at20: near(0.2),
    at60: near(0.6),
    at100: near(1),
    growthMb: slope(later) * 0.8 * total,
    heapFloorMb: [floor(0.2, 0.6), floor(0.6, 1.1)],
  }
}

/** Least squares: MB per request. */
function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length
  const meanSent = mean(({ sent }) => sent)
  const meanRss = mean(({ rssMb }) => rssMb)
  const spread = mean(({ sent }) => (sent - meanSent) ** 2)
  return spread > 0 ? mean(({ sent, rssMb }) => (sent - meanSent) * (rssMb - meanRss)) / spread : 0
}
