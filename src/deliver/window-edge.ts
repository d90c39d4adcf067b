/** When a call was under way and what its answer said of the window's rest. Epoch ms; `resetMs` is whole seconds. */
export interface Sighting {
  readonly sentAt: number
  readonly receivedAt: number
  readonly resetMs: number
}

/**
 * Finds out when the server's window ends. Its `reset` header is whole seconds, so one answer tells the end
 * only to a second, and it is not documented how it is rounded. But each answer bounds the end from both sides,
 * so that answers around a tick of `reset` leave little doubt; the ticks come at the same fraction of a second in the
 * windows to come; and whether a call near the end was still counted in the old window tells the rounding.
 */
export interface WindowEdge {
  /** To which window the answer belongs: the one watched, the one before or one after it (then that is watched). */
  see(sighting: Sighting): 'same' | 'older' | 'newer'
  /** From here on the window may be over: time for a single call to look. */
  mayBeOverAt(): number
  /** From here on it is over, whatever the rounding. */
  isOverAt(): number
  /** The rounding as far as it is known: `up` also where one more second is added, seen in a real sample. */
  rounding(): readonly Rounding[]
}

export type Rounding = 'up plus one' | 'up' | 'down'

interface Interval {
  readonly from: number
  readonly to: number
}

const secondMs = 1_000
/** How far the two clocks may drift apart from one window to the next. */
const driftMs = 20
/** The end, relative to the one told by a `reset` that is rounded up. */
const shiftMs: Readonly<Record<Rounding, number>> = { 'up plus one': -secondMs, up: 0, down: secondMs }

/** Pure bookkeeping. All intervals are those of a `reset` rounded up; the rounding shifts them by whole seconds. */
export function createWindowEdge(first: Sighting): WindowEdge {
  /** From the answers of this window alone. */
  let seen = toInterval(first)
  /** With what the windows before told of the fraction of the second. */
  let best = seen
  let possible: readonly Rounding[] = ['up plus one', 'up', 'down']

  function rule(out: (rounding: Rounding) => boolean): void {
    const left = possible.filter((rounding) => !out(rounding))
    // Everything ruled out: the server does not count as thought. Begin anew.
    possible = left.length > 0 ? left : ['up plus one', 'up', 'down']
  }

  return {
    see: (sighting) => {
      const told = toInterval(sighting)
      if (told.to < seen.from) return 'older'
      if (told.from > seen.to) {
        rule((rounding) => seen.from + shiftMs[rounding] > sighting.receivedAt)
        best = carryOver(best, told) ?? told
        seen = told
        return 'newer'
      }
      seen = intersect(seen, told) ?? told
      best = intersect(best, told) ?? seen
      rule((rounding) => seen.to + shiftMs[rounding] <= sighting.sentAt)
      return 'same'
    },
    mayBeOverAt: () => best.to + Math.min(...possible.map((rounding) => shiftMs[rounding])),
    isOverAt: () => seen.to + Math.max(...possible.map((rounding) => shiftMs[rounding])),
    rounding: () => possible,
  }
}

/** The answer was given somewhere between sending and receiving; rounding up added less than a second. */
const toInterval = ({ sentAt, receivedAt, resetMs }: Sighting): Interval => ({
  from: sentAt + resetMs - secondMs,
  to: receivedAt + resetMs,
})

const intersect = (a: Interval, b: Interval): Interval | undefined => {
  const both = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }
  return both.from <= both.to ? both : undefined
}

/** The old interval, moved by whole seconds into the new one; undefined where that fits at no place, or at two. */
function carryOver(old: Interval, told: Interval): Interval | undefined {
  const move = Math.ceil((told.from - old.to - driftMs) / secondMs) * secondMs
  const moved = { from: old.from + move - driftMs, to: old.to + move + driftMs }
  const fitsAgain = moved.from + secondMs <= told.to
  return fitsAgain ? undefined : intersect(moved, told)
}
