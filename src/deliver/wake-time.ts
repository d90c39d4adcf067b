import type { CallControl } from './delivery-state.ts'

/** The dispatcher looks for work at least this often, which covers expired leases. */
const pollMs = 5_000

interface WakeInput extends ReturnType<CallControl['risesAt']> {
  /** The time of the decision. All times are epoch ms by the same clock. */
  readonly at: number
  /** When the next retry is due; undefined: none waits, or a job searches anyway. */
  readonly dueAt: number | undefined
}

/** When the dispatcher must search for work again, always later than `at`. */
export function wakeTime({ at, pausedUntil, probeAt, dueAt }: WakeInput): number {
  // A retry that was not due when the job searched may be due by now: then at once, not at the next poll.
  const due = dueAt === undefined ? undefined : Math.max(dueAt, at + 1)
  const times = [pausedUntil, probeAt, due].filter((time) => time !== undefined && time > at)
  return Math.min(at + pollMs, ...times.map(Number))
}
