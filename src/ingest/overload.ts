/** `event_loop`: answers come too late, whatever is done; `memory`: too much waits in memory to be stored. */
export type OverloadCause = 'event_loop' | 'memory'

/** Judges by ticks of a timer whether this process is overloaded. Pure bookkeeping. */
export interface Overload {
  /** The timer came `lateMs` after its time; so many requests found no room since the tick before. */
  tick(lateMs: number, withoutRoom: number): void
  /** Why it is overloaded; undefined: it is not. */
  cause(): OverloadCause | undefined
}

export interface OverloadOptions {
  /** A tick that is later counts as late. */
  readonly maxLateMs: number
  /** Late ticks in a row with which an overload begins. */
  readonly lateTicks: number
  /** Ticks in a row that are neither late nor without room, with which one ends. */
  readonly quietTicks: number
}

/**
 * A pause, however long, makes one tick late: a garbage collection, a slow disk, a machine that was suspended. Only where
 * turn after turn of the event loop is too long does more arrive than can be answered in time.
 */
export function createOverload({ maxLateMs, lateTicks, quietTicks }: OverloadOptions): Overload {
  let late = 0
  let quiet = 0
  let cause: OverloadCause | undefined
  return {
    tick: (lateMs, withoutRoom) => {
      late = lateMs > maxLateMs ? late + 1 : 0
      quiet = late === 0 && withoutRoom === 0 ? quiet + 1 : 0
      if (late >= lateTicks) cause = 'event_loop'
      else if (withoutRoom > 0) cause ??= 'memory'
      else if (quiet >= quietTicks) cause = undefined
    },
    cause: () => cause,
  }
}
