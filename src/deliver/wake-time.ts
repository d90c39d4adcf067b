export interface WakeInput {
  /** The time of the decision. All times are epoch ms by the same clock. */
  readonly at: number
  /** When the pause ends; undefined: there is none. */
  readonly pausedUntil: number | undefined
  /** When the circuit breaker allows its probe; undefined: it is closed. */
  readonly probeAt: number | undefined
  /** When the next retry is due; undefined: none waits, or a slot searches anyway. */
  readonly dueAt: number | undefined
}

/** The dispatcher looks for work at least this often, which covers expired leases. */
const pollMs = 5_000

/** When the dispatcher must search for work again, always later than `at`. */
export function wakeTime({ at, pausedUntil, probeAt, dueAt }: WakeInput): number {
  // A retry that was not due when the slot searched may be due by now: then at once, not at the next poll.
  const due = dueAt === undefined ? undefined : Math.max(dueAt, at + 1)
  const times = [pausedUntil, probeAt, due].filter((time) => time !== undefined && time > at)
  return Math.min(at + pollMs, ...times.map(Number))
}
