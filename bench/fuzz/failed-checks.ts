import type { Memory } from './memory.ts'
import type { FuzzResult } from './run.ts'

/** A slower probe means a blocked event loop: the largest allowed body takes tens of ms. */
const maxProbeMs = 500

/**
 * Maximum rise of the RSS regression line between 20 % and 100 % of the run. With much memory V8 collects late, so RSS
 * first rises by tens of MB in a run of any length. A leak grows with the run: 96 MB in 800,000 requests are 120 bytes
 * per request, about one leaked object with an id.
 */
export const maxGrowthMb = 96

/** Maximum rise of the minimum heap between the two halves: more precise than RSS, because it excludes garbage. */
const maxHeapGrowthMb = 32

/** In shorter runs the heap is not stable yet, so growth means nothing. */
const minRequestsForGrowth = 200_000

/** The failed checks of a run; empty if all passed. */
export function failedChecks(result: FuzzResult): readonly string[] {
  const { requests, failures, crash, totalsOff, badLines, slowest, probeP99Ms, memory, goodApplied, ended } =
    result
  return [
    ...failures.map(({ kind, wrong, times }) => `${kind}: ${wrong} (${times} ×)`),
    ...(crash === undefined ? [] : [`crash: ${crash}`]),
    ...totalsOff,
    ...badLines.map((line) => `log: ${line.slice(0, 300)}`),
    ...(slowest.ms > 10_000 ? [`slowest: ${slowest.kind} took ${slowest.ms.toFixed(0)} ms`] : []),
    ...(probeP99Ms <= maxProbeMs ? [] : [`probes: p99 ${probeP99Ms.toFixed(0)} ms, at most ${maxProbeMs}`]),
    ...(requests < minRequestsForGrowth ? [] : growthOf(memory)),
    ...(goodApplied ? [] : ['the valid event after the run was not applied']),
    ...(ended === 'ended with 0' ? [] : [`SIGTERM: ${ended}`]),
  ]
}

function growthOf({ growthMb, heapFloorMb: [before, after] }: Memory): readonly string[] {
  const over = (metric: string, mb: number, limit: number): readonly string[] =>
    mb <= limit ? [] : [`${metric} rises by ${mb.toFixed(0)} MB, at most ${limit}`]
  return [...over('RSS', growthMb, maxGrowthMb), ...over('the minimum heap', after - before, maxHeapGrowthMb)]
}
