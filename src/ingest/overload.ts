/** `event_loop`: the event loop is too slow to answer in time. `memory`: too many bytes wait in memory to be stored. */
export type OverloadCause = 'event_loop' | 'memory'

/** Detects overload from the ticks of a timer. Pure: the caller owns the timer. */
export interface Overload {
  /** The timer fired `lateMs` late. `refusedForMemory`: requests refused since the last tick. */
  tick(lateMs: number, refusedForMemory: number): void
  /** Undefined: not overloaded. */
  cause(): OverloadCause | undefined
}

export interface OverloadOptions {
  /** A tick with a longer delay counts as late. */
  readonly maxLateMs: number
  /** Consecutive late ticks that start an overload. */
  readonly lateTicks: number
  /** Consecutive ticks without delay or refusal that end it. */
  readonly quietTicks: number
}

/**
 * One pause, however long, makes only one tick late: a garbage collection, a slow disk, a suspended machine. Several late
 * ticks in a row mean that more requests arrive than the service can answer in time.
 */
export function createOverload({ maxLateMs, lateTicks, quietTicks }: OverloadOptions): Overload {
  let late = 0
  let quiet = 0
  let cause: OverloadCause | undefined
  return {
    tick: (lateMs, refusedForMemory) => {
      late = lateMs > maxLateMs ? late + 1 : 0
      quiet = late === 0 && refusedForMemory === 0 ? quiet + 1 : 0
      if (late >= lateTicks) cause = 'event_loop'
      else if (refusedForMemory > 0) cause ??= 'memory'
      else if (quiet >= quietTicks) cause = undefined
    },
    cause: () => cause,
  }
}
