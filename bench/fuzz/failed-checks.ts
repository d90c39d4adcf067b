import type { Memory } from './memory.ts'
import type { FuzzResult } from './run.ts'

/** A slower probe means a blocked event loop: the largest allowed body takes tens of ms. */
const maxProbeMs = 500

/**
 * The most that the memory may grow per request after the warm-up, in bytes. A leaked object with an id takes 50 bytes or more. The
 * index of the inbox, which is external memory, has up to 12 bytes for each stored row.
 */
export const maxGrowth = { heapBytes: 24, externalBytes: 24 }

/**
 * The most that RSS may rise between 20 % and 100 % of the run. Only RSS shows a leak inside a library such as SQLite; but V8 and the
 * allocator also keep free memory, so it rises by tens of MB in a run of any length.
 */
export const maxRssGrowthMb = 128

/** In shorter runs, the warm-up counts too much. */
const minRequestsForGrowth = 150_000

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

function growthOf({ stages, growth: { heapBytes, externalBytes } }: Memory): readonly string[] {
  const over = (what: string, by: number, unit: string, limit: number): readonly string[] =>
    by <= limit ? [] : [`${what} grows by ${by.toFixed(0)} ${unit}, at most ${limit}`]
  const rssMb = (stages.at(-1)?.rssMb ?? Number.NaN) - (stages[0]?.rssMb ?? Number.NaN)
  return [
    ...over('the heap', heapBytes, 'bytes per request', maxGrowth.heapBytes),
    ...over('external memory', externalBytes, 'bytes per request', maxGrowth.externalBytes),
    ...over('RSS', rssMb, 'MB', maxRssGrowthMb),
  ]
}
