/** When a call was under way and what its answer said of the window's rest. Epoch ms; `resetMs` is whole seconds. */
export interface Sighting {
  readonly sentAt: number
  readonly receivedAt: number
  readonly resetMs: number
}

/**
 * Finds out when the server's window ends. Its `reset` header is whole seconds and it is not documented how it is
 * rounded, so one answer leaves three seconds of doubt. Three things narrow it down: each further answer bounds the end
 * from both sides; the end falls on the same fraction of a second in the windows to come; and a call near the end
 * is counted in the old window or in the new one.
 */
export interface WindowEdge {
  /** To which window the answer belongs: the one watched, the one before or one after it (then that is watched). */
  see(sighting: Sighting): 'same' | 'older' | 'newer'
  /** A call now would tell the most: half of the doubt is behind. Never after `isOverAt`. */
  worthALookAt(): number
  /** From here on the window is over, whatever the rounding. */
  isOverAt(): number
}

interface Interval {
  readonly from: number
  readonly to: number
}

const secondMs = 1_000
/** How far the two clocks may drift apart from one window to the next. */
const driftMs = 10
/** Less doubt than this is not worth a call that may come too early. */
const doubtMs = 80
/**
 * Where the end is for each way of rounding, relative to that of a `reset` that is rounded up: one second before (up,
 * and one added: a real sample shows 61 at the start of a minute), there, one second after (rounded down).
 */
const shiftsMs = [-secondMs, 0, secondMs] as const

/** Somewhere the end may be, if `reset` is rounded the way that `shiftMs` stands for. */
interface Candidate extends Interval {
  readonly shiftMs: number
}

/** Pure bookkeeping. */
export function createWindowEdge(first: Sighting): WindowEdge {
  /** What this window's own answers tell, as if `reset` were rounded up. */
  let told = toInterval(first)
  let candidates = everywhere(told)
  let newestReceivedAt = first.receivedAt

  /** If nothing agrees any more, the server does not count as thought, and all is open again. */
  const keep = (left: readonly Candidate[]) => {
    candidates = left.length > 0 ? left : everywhere(told)
  }

  return {
    see: (sighting) => {
      const now = toInterval(sighting)
      const sentAfterAll = sighting.sentAt > newestReceivedAt
      newestReceivedAt = Math.max(newestReceivedAt, sighting.receivedAt)
      if (now.to < told.from) {
        if (!sentAfterAll) return 'older'
        // The newest call of all cannot belong to an older window: what was told before was wrong.
        told = now
        candidates = everywhere(told)
        return 'newer'
      }
      if (now.from > told.to) {
        // The old window ended before this answer came: that tells more of the fraction of the second.
        const ended = candidates.flatMap((end) => within(end, { from: end.from, to: sighting.receivedAt }))
        told = now
        keep(merged(ended.flatMap((end) => carryOver(end, told))))
        return 'newer'
      }
      told = within(told, now)[0] ?? now
      const after = { from: sighting.sentAt, to: Number.POSITIVE_INFINITY }
      keep(
        candidates
          .flatMap((end) => within(end, shift(told, end.shiftMs)))
          .flatMap((end) => within(end, after)),
      )
      return 'same'
    },
    worthALookAt: () => halfOf(candidates),
    isOverAt: () => Math.max(...candidates.map(({ to }) => to)),
  }
}

/**
 * Where half of the doubt is behind. A stretch too short to be worth halving is left whole: then the time is
 * between it and the next, so that one of the two is ruled out.
 */
function halfOf(candidates: readonly Candidate[]): number {
  const inOrder = candidates.toSorted((a, b) => a.from - b.from)
  const last = Math.max(...inOrder.map(({ to }) => to))
  const half = inOrder.reduce((sum, { from, to }) => sum + to - from, 0) / 2
  let behind = 0
  let before: number | undefined
  for (const { from, to } of inOrder) {
    if (behind + to - from >= half) {
      if (to - from > doubtMs) return from + half - behind
      return to === last ? (before ?? to) : to
    }
    behind += to - from
    before = to
  }
  return last
}

const everywhere = (told: Interval): readonly Candidate[] =>
  shiftsMs.map((shiftMs) => ({ ...shift(told, shiftMs), shiftMs }))

/** The answer was given somewhere between sending and receiving; rounding up added less than a second. */
const toInterval = ({ sentAt, receivedAt, resetMs }: Sighting): Interval => ({
  from: sentAt + resetMs - secondMs,
  to: receivedAt + resetMs,
})

const shift = ({ from, to }: Interval, byMs: number): Interval => ({ from: from + byMs, to: to + byMs })

/** The part of `a` that is in `b`, if there is one. */
function within<Kind extends Interval>(a: Kind, b: Interval): readonly Kind[] {
  const both = { ...a, from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }
  return both.from <= both.to ? [both] : []
}

/** The old end, moved by whole seconds to every place where the new one is told to be: one, two, or more after a slow answer. */
function carryOver(old: Candidate, told: Interval): readonly Candidate[] {
  const target = shift(told, old.shiftMs)
  const places: Candidate[] = []
  const firstMs = Math.ceil((target.from - old.to - driftMs) / secondMs) * secondMs
  for (let byMs = firstMs; old.from + byMs - driftMs <= target.to; byMs += secondMs) {
    const moved = { ...old, from: old.from + byMs - driftMs, to: old.to + byMs + driftMs }
    places.push(...within(moved, target))
  }
  return places
}

/** Without overlaps among those of the same rounding. */
function merged(candidates: readonly Candidate[]): readonly Candidate[] {
  const result: Candidate[] = []
  for (const next of candidates.toSorted((a, b) => a.shiftMs - b.shiftMs || a.from - b.from)) {
    const last = result.at(-1)
    if (last === undefined || last.shiftMs !== next.shiftMs || last.to < next.from) result.push(next)
    else result[result.length - 1] = { ...last, to: Math.max(last.to, next.to) }
  }
  return result
}
