import Bottleneck from 'bottleneck'
import type { BudgetedCall, RateBudget, RateReport } from './rate-budget.ts'

/** Whether a job made the call that its slot permits. */
export type JobResult = { readonly kind: 'called'; readonly rate: RateReport } | { readonly kind: 'unused' }

/** The permission to make one call. An admitted job has one. */
export interface Slot {
  /** Returns the call to the budget, for other jobs; the job stays admitted. */
  giveBack(): void
  /** Takes a call from the budget again after `giveBack`. False if the budget has none now. */
  take(): boolean
}

type Job = (slot: Slot) => Promise<JobResult>

/**
 * Admits jobs: never more than the budget allows, and at most `maxInFlight` at once. Jobs of a replaced Bottleneck that are
 * still under way do not count towards `maxInFlight`.
 */
export interface Limiter {
  /**
   * Resolves when the job is done, and rejects if the job throws. `dropped`: the limiter was stopped or rebuilt before it
   * admitted the job.
   */
  run(job: Job): Promise<'done' | 'dropped'>
  /** Whether a waiting job could be admitted at this time (epoch ms of the limiter's clock). */
  hasRoom(at: number): boolean
  /** Replaces Bottleneck if it has lost a job. Waiting jobs are dropped, those under way go on. */
  rebuild(): void
  /** Drops waiting jobs and waits for those under way, except those from before a rebuild, which may hang. Idempotent. */
  stop(): Promise<void>
}

export interface LimiterDeps {
  readonly budget: RateBudget
  readonly maxInFlight: number
  /** Epoch ms that never jump. */
  readonly now: () => number
}

/** While jobs wait, the budget is checked at least this often. */
const checkEveryMs = 1_000

/**
 * The only user of Bottleneck. It does not use Bottleneck's reservoir refresh, which does not know the server's window;
 * increments keep the reservoir equal to the budget instead. (`updateSettings` sets it one turn of the event loop later, which
 * undoes the admissions in that turn.) Few jobs wait here: the dispatcher runs at most `maxInFlight`.
 *
 * Each decision reads the clock once and passes that time on. Between two readings a window could end: the first
 * reading would allow no call, the second would see nothing to wait for, and no timer would be set.
 */
export function createLimiter({ budget, maxInFlight, now }: LimiterDeps): Limiter {
  /** Bottleneck's own count of calls that may start, which it tells only asynchronously. */
  let reservoir = budget.availability(now()).startable
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let stopping: Promise<void> | undefined
  const create = () => new Bottleneck({ maxConcurrent: maxInFlight, reservoir })
  let bottleneck = create()
  let lastWallClock = Date.now()
  /** Jobs that wait for admission; while there is one, a timer is set. A count would be wrong once a rebuild has reset it. */
  const waiting = new Set<symbol>()
  /** Jobs under way, also those of a Bottleneck that was replaced because of the wall clock. */
  const underWay = new Set<Promise<unknown>>()
  /** The Bottlenecks that were replaced because of the wall clock: their waiting jobs wait again in the new one. */
  const replacedByClock = new WeakSet<Bottleneck>()

  /** Sets Bottleneck's reservoir to the budget. While jobs wait, a timer repeats this when the budget may rise. */
  function syncReservoir(at: number): void {
    if (stopped) return
    const { startable, risesAt = Number.POSITIVE_INFINITY } = budget.availability(at)
    if (wallClockWasSetBack()) {
      replacedByClock.add(bottleneck)
      replaceBottleneck(startable)
    } else if (startable !== reservoir) {
      void bottleneck.incrementReservoir(startable - reservoir)
      reservoir = startable
    }
    clearTimeout(timer)
    const waitMs = Math.min(checkEveryMs, Math.max(1, risesAt - at))
    if (waiting.size > 0) timer = setTimeout(() => syncReservoir(now()), waitMs)
  }

  /** Bottleneck uses the wall clock: if that is set back, it admits nothing until the old time is reached again. */
  function wallClockWasSetBack(): boolean {
    const wallClock = Date.now()
    const wasSetBack = wallClock < lastWallClock
    lastWallClock = wallClock
    return wasSetBack
  }

  function replaceBottleneck(startable: number): void {
    const replaced = bottleneck
    reservoir = startable
    bottleneck = create()
    replaced.stop({ dropWaitingJobs: true }).catch(() => undefined) // a Bottleneck that lost a job may fail to stop
  }

  const startCall = (at: number): BudgetedCall | undefined =>
    budget.availability(at).startable < 1 ? undefined : budget.start(at)

  /** `again`: a response lowered the budget after Bottleneck's admission, so the job did not run. */
  async function runAdmitted(job: Job, admittedBy: Bottleneck): Promise<'done' | 'again'> {
    if (admittedBy === bottleneck) reservoir -= 1 // Bottleneck subtracts one when it admits a job
    let call = startCall(now())
    if (call === undefined) return 'again'
    const slot: Slot = {
      giveBack: () => {
        call?.cancelled()
        call = undefined
        syncReservoir(now())
      },
      take: () => {
        const at = now()
        call ??= startCall(at)
        syncReservoir(at)
        return call !== undefined
      },
    }
    let result: JobResult | undefined
    try {
      result = await job(slot)
    } finally {
      const at = now()
      if (result?.kind === 'unused') call?.cancelled()
      else call?.ended(at, result?.rate)
      syncReservoir(at)
    }
    return 'done'
  }

  /** `again`: the job did not run and must wait once more. */
  async function waitAndRun(job: Job): Promise<'done' | 'again' | 'dropped'> {
    const waiter = Symbol('waiting job')
    waiting.add(waiter)
    syncReservoir(now())
    const admittedBy = bottleneck
    try {
      return await admittedBy.schedule(() => {
        waiting.delete(waiter)
        const work = runAdmitted(job, admittedBy).finally(() => underWay.delete(work))
        underWay.add(work)
        return work
      })
    } catch (error) {
      if (!(error instanceof Bottleneck.BottleneckError)) throw error
      return replacedByClock.has(admittedBy) && !stopped ? 'again' : 'dropped'
    } finally {
      waiting.delete(waiter)
    }
  }

  async function stop(): Promise<void> {
    await bottleneck.stop({ dropWaitingJobs: true })
    await Promise.allSettled(underWay)
  }

  return {
    run: async (job) => {
      for (;;) {
        const result = await waitAndRun(job)
        if (result !== 'again') return result
      }
    },
    hasRoom: (at) => budget.availability(at).startable > 0,
    rebuild: () => {
      waiting.clear()
      underWay.clear()
      replaceBottleneck(budget.availability(now()).startable)
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      stopping ??= stop()
      return stopping
    },
  }
}
