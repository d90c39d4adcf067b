import type { Memory } from './memory.ts'
import type { FuzzResult } from './run.ts'

/** A slower probe means a blocked event loop: the largest allowed body takes tens of ms. */
const maxProbeMs = 500

/**
 * The most that the memory may grow per request after the warm-up, in bytes. A leaked object with an id takes 100 bytes or more.
 * Outside the heap, the index of the inbox has up to 12 bytes for each stored row, and the allocator keeps memory that it has freed.
 */
export const maxGrowth = { heapBytes: 24, outsideBytes: 64 }

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

function growthOf({ growth: { heapBytes, outsideBytes } }: Memory): readonly string[] {
  const over = (what: string, bytes: number, limit: number): readonly string[] =>
    bytes <= limit ? [] : [`${what} grows by ${bytes.toFixed(0)} bytes per request, at most ${limit}`]
  return [
    ...over('the heap', heapBytes, maxGrowth.heapBytes),
    ...over('memory outside the heap', outsideBytes, maxGrowth.outsideBytes),
  ]
}
