/** The delays of one interval. Keeps a random sample, so that an interval with many events needs no more memory. */
export interface Delays {
  add(delayMs: number): void
  /** The 50th and 95th percentile of the delays since the last call; undefined: there were none. */
  take(): { readonly p50Ms: number; readonly p95Ms: number } | undefined
}

const maxSample = 1_000

/** `random`: in [0, 1). Reservoir sampling: each delay of the interval has the same chance to be in the sample. */
export function createDelays(random: () => number): Delays {
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
    take: () => {
      const sorted = sample.toSorted((one, other) => one - other)
      sample = []
      seen = 0
      const at = (part: number): number | undefined =>
        sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)]
      const [p50Ms, p95Ms] = [at(0.5), at(0.95)]
      return p50Ms === undefined || p95Ms === undefined ? undefined : { p50Ms, p95Ms }
    },
  }
}
