/** Send and receive time of a call (epoch ms), and the `reset` header of its response (whole seconds, in ms). */
export interface Observation {
  readonly sentAt: number
  readonly receivedAt: number
  readonly resetMs: number
}

/**
 * Estimates when the server's window ends. The `reset` header has whole seconds and its rounding is undocumented, so
 * after one response the end is uncertain by three seconds. Three facts reduce that: each further response bounds the end
 * from both sides; later windows end at the same fraction of a second; and the server counts a call near the end
 * in either the old or the new window.
 */
export interface WindowEdge {
  /** Applies a response. Returns its window: the current one, an older one, or a newer one, which becomes the current one. */
  observe(observation: Observation): 'same' | 'older' | 'newer'
  /** The best time of a probe call: the end is before or after it with equal likelihood. Never after `overAt`. */
  probeAt(): number
  /** From this time on the window is over with every rounding. */
  overAt(): number
}

interface Interval {
  readonly from: number
  readonly to: number
}

const secondMs = 1_000
/** Most drift between the two clocks from one window to the next. */
const driftMs = 10
/** Intervals up to this length are not split: a probe call is not worth it. */
const minSplitMs = 80
/**
 * The end for each rounding, relative to a `reset` that is rounded up: one second earlier (rounded up plus one: a real
 * response had 61 at the start of a minute), equal (rounded up), one second later (rounded down).
 */
const shiftsMs = [-secondMs, 0, secondMs] as const

/** An interval that may contain the end, for the rounding of `shiftMs`. */
interface Candidate extends Interval {
  readonly shiftMs: number
}

/** Pure: the caller passes all times. */
export function createWindowEdge(first: Observation): WindowEdge {
  /** Bounds of the end by the responses of this window, as if `reset` were rounded up. */
  let bounds = toInterval(first)
  let candidates = forEachRounding(bounds)
  let newestReceivedAt = first.receivedAt

  /** Keeps the remaining candidates. If none remain, the server counts differently than assumed: start over. */
  const keep = (remaining: readonly Candidate[]) => {
    candidates = remaining.length > 0 ? remaining : forEachRounding(bounds)
  }

  return {
    observe: (observation) => {
      const observed = toInterval(observation)
      const sentLast = observation.sentAt > newestReceivedAt
      newestReceivedAt = Math.max(newestReceivedAt, observation.receivedAt)
      if (observed.to < bounds.from) {
        if (!sentLast) return 'older'
        // The newest call cannot belong to an older window, so the earlier responses were wrong.
        bounds = observed
        candidates = forEachRounding(bounds)
        return 'newer'
      }
      if (observed.from > bounds.to) {
        // The old window ended before this response arrived, which narrows down the fraction of the second.
        const ended = candidates.flatMap((candidate) =>
          intersect(candidate, { from: candidate.from, to: observation.receivedAt }),
        )
        bounds = observed
        keep(merged(ended.flatMap((candidate) => carryOver(candidate, bounds))))
        return 'newer'
      }
      bounds = intersect(bounds, observed)[0] ?? observed
      const after = { from: observation.sentAt, to: Number.POSITIVE_INFINITY }
      keep(
        candidates
          .flatMap((candidate) => intersect(candidate, shift(bounds, candidate.shiftMs)))
          .flatMap((candidate) => intersect(candidate, after)),
      )
      return 'same'
    },
    probeAt: () => medianOf(candidates),
    overAt: () => Math.max(...candidates.map(({ to }) => to)),
  }
}

/**
 * The median of the candidates. It does not split an interval of at most `minSplitMs`: then the result is between this
 * interval and the next, so that a probe excludes one of the two.
 */
function medianOf(candidates: readonly Candidate[]): number {
  const inOrder = candidates.toSorted((a, b) => a.from - b.from)
  const last = Math.max(...inOrder.map(({ to }) => to))
  const half = inOrder.reduce((sum, { from, to }) => sum + to - from, 0) / 2
  let behind = 0
  let before: number | undefined
  for (const { from, to } of inOrder) {
    if (behind + to - from >= half) {
      if (to - from > minSplitMs) return from + half - behind
      return to === last ? (before ?? to) : to
    }
    behind += to - from
    before = to
  }
  return last
}

const forEachRounding = (bounds: Interval): readonly Candidate[] =>
  shiftsMs.map((shiftMs) => ({ ...shift(bounds, shiftMs), shiftMs }))

/** The server responded between sending and receiving; rounding up added less than a second. */
const toInterval = ({ sentAt, receivedAt, resetMs }: Observation): Interval => ({
  from: sentAt + resetMs - secondMs,
  to: receivedAt + resetMs,
})

const shift = ({ from, to }: Interval, byMs: number): Interval => ({ from: from + byMs, to: to + byMs })

/** The intersection of `a` and `b`, if any, with the other fields of `a`. */
function intersect<Kind extends Interval>(a: Kind, b: Interval): readonly Kind[] {
  const both = { ...a, from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }
  return both.from <= both.to ? [both] : []
}

/** Moves the old end by whole seconds to every match with the new bounds: one, two, or more after a slow response. */
function carryOver(old: Candidate, bounds: Interval): readonly Candidate[] {
  const target = shift(bounds, old.shiftMs)
  const matches: Candidate[] = []
  const firstMs = Math.ceil((target.from - old.to - driftMs) / secondMs) * secondMs
  for (let byMs = firstMs; old.from + byMs - driftMs <= target.to; byMs += secondMs) {
    const moved = { ...old, from: old.from + byMs - driftMs, to: old.to + byMs + driftMs }
    matches.push(...intersect(moved, target))
  }
  return matches
}

/** Merges overlapping candidates of the same rounding. */
function merged(candidates: readonly Candidate[]): readonly Candidate[] {
  const result: Candidate[] = []
  for (const next of candidates.toSorted((a, b) => a.shiftMs - b.shiftMs || a.from - b.from)) {
    const last = result.at(-1)
    if (last === undefined || last.shiftMs !== next.shiftMs || last.to < next.from) result.push(next)
    else result[result.length - 1] = { ...last, to: Math.max(last.to, next.to) }
  }
  return result
}
