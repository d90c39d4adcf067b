/** The delays of the last intervals. Keeps a random sample of each, so that an interval with many events needs no more memory. */
export interface Delays {
  add(delayMs: number): void
  /** Ends the current interval. The percentiles are those of this interval, and of the recent ones with it; undefined: no delays. */
  endInterval(): { readonly last: Percentiles | undefined; readonly recent: Percentiles | undefined }
}

interface Percentiles {
  readonly p50Ms: number
  readonly p95Ms: number
}

interface DelaysOptions {
  /** In [0, 1). */
  readonly random: () => number
  readonly recentIntervals: number
}

interface Interval {
  readonly sample: readonly number[]
  /** How many delays there were. */
  readonly seen: number
}

const maxSample = 1_000

/** Reservoir sampling: each delay of the interval has the same chance to be in the sample. */
export function createDelays({ random, recentIntervals }: DelaysOptions): Delays {
  let intervals: readonly Interval[] = []
  let sample: number[] = []
  let seen = 0
  return {
    add: (delayMs) => {
      seen += 1
      if (sample.length < maxSample) sample.push(delayMs)
      else {
        const position = Math.floor(random() * seen)
        if (position < maxSample) sample[position] = delayMs
      }
    },
    endInterval: () => {
      const interval = { sample, seen }
      intervals = [...intervals, interval].slice(-recentIntervals)
      sample = []
      seen = 0
      return { last: percentilesOf([interval]), recent: percentilesOf(intervals) }
    },
  }
}

/** A delay in a sample stands for the others of its interval, too. */
function percentilesOf(intervals: readonly Interval[]): Percentiles | undefined {
  const sorted = intervals
    .flatMap(({ sample, seen }) => sample.map((delayMs) => ({ delayMs, weight: seen / sample.length })))
    .toSorted((one, other) => one.delayMs - other.delayMs)
  const total = intervals.reduce((sum, { seen }) => sum + seen, 0)
  const at = (part: number): number | undefined => {
    let passed = 0
    const found = sorted.find(({ weight }) => {
      passed += weight
      return passed >= total * part
    })
    return (found ?? sorted.at(-1))?.delayMs // the sum of weights can be a little less than the total
  }
  const [p50Ms, p95Ms] = [at(0.5), at(0.95)]
  return p50Ms === undefined || p95Ms === undefined ? undefined : { p50Ms, p95Ms }
}
