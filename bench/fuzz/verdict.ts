import type { Memory } from './memory.ts'
import type { FuzzResult } from './run.ts'

/** A probe that waits longer shows an event loop that was held up: the largest body allowed takes tens of ms. */
const mostProbeMs = 500

/**
 * How much the line through the samples of RSS may rise between 20 % and 100 % of the run. V8 collects late where there is
 * much memory, so that RSS rises by tens of MB before it rests, whatever the length of the run. A leak grows with it: 96 MB
 * in 800,000 requests are 120 bytes a request, about one forgotten object with an id.
 */
export const mostGrowthMb = 96

/** How much the least heap may rise between the two halves: the sharper measure, since garbage does not count in it. */
const mostHeapGrowthMb = 32

/** In a short run the heap has not come to rest yet: from that many requests on, growth tells something. */
const leastToJudge = 200_000

/** Each check that failed, in words; none for a run that is well. */
export function verdictOf(result: FuzzResult): readonly string[] {
  const { requests, failures, crash, totalsOff, badLines, slowest, probeP99Ms, memory, goodApplied, ended } =
    result
  return [
    ...failures.map(({ kind, wrong, times }) => `${kind}: ${wrong} (${times} ×)`),
    ...(crash === undefined ? [] : [`crash: ${crash}`]),
    ...totalsOff,
    ...badLines.map((line) => `log: ${line.slice(0, 300)}`),
    ...(slowest.ms > 10_000 ? [`slowest: ${slowest.kind} took ${slowest.ms.toFixed(0)} ms`] : []),
    ...(probeP99Ms <= mostProbeMs ? [] : [`probes: p99 ${probeP99Ms.toFixed(0)} ms, at most ${mostProbeMs}`]),
    ...(requests < leastToJudge ? [] : growthOf(memory)),
    ...(goodApplied ? [] : ['a good event afterwards was not applied']),
    ...(ended === 'ended with 0' ? [] : [`SIGTERM: ${ended}`]),
  ]
}

function growthOf({ growthMb, heapFloorMb: [before, after] }: Memory): readonly string[] {
  const most = (what: string, mb: number, limit: number): readonly string[] =>
    mb <= limit ? [] : [`${what} rises by ${mb.toFixed(0)} MB, at most ${limit}`]
  return [...most('RSS', growthMb, mostGrowthMb), ...most('the least heap', after - before, mostHeapGrowthMb)]
}
