import Bottleneck from 'bottleneck'
import type { BudgetedCall, RateBudget, RateReport } from './rate-budget.ts'

/** Whether an admitted job used its slot. */
export type JobResult = { readonly kind: 'called'; readonly rate: RateReport } | { readonly kind: 'unused' }

/** The permission to make one call. */
export interface Slot {
  /** Releases the call for other jobs; the job stays admitted. */
  giveBack(): void
  /** Takes a call again after `giveBack`. False if the budget has none now. */
  take(): boolean
}

type Job = (slot: Slot) => Promise<JobResult>

/** Admits calls one by one: at most `maxInFlight` at once, and never more than the budget allows. */
export interface Limiter {
  /** Resolves when the job is done; `dropped`: the limiter was stopped or rebuilt before the job was admitted. */
  run(job: Job): Promise<'done' | 'dropped'>
  /** Whether a waiting job could be admitted at this time (epoch ms of the limiter's clock). */
  hasRoom(at: number): boolean
  /** Replaces Bottleneck: waiting jobs are dropped, admitted ones finish. */
  rebuild(): void
  /** Drops waiting jobs and waits for admitted ones. Idempotent. */
  stop(): Promise<void>
}

export interface LimiterDeps {
  readonly budget: RateBudget
  readonly maxInFlight: number
  readonly now: () => number
}

/** While jobs wait, the budget is checked at least this often. */
const checkEveryMs = 1_000

/**
 * The only user of Bottleneck. It does not use Bottleneck's reservoir refresh, which does not know the server's window;
 * increments keep the reservoir equal to the budget instead (updateSettings is unsafe: Bottleneck issue #185). Few jobs
 * wait here: the dispatcher opens at most `maxInFlight` slots.
 *
 * Each decision reads the clock once and passes that time on. Between two readings a window could end: the first
 * reading would allow no call, the second would see nothing to wait for, and no timer would be set.
 */
export function createLimiter({ budget, maxInFlight, now }: LimiterDeps): Limiter {
  let reservoir = budget.availability(now()).startable
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let stopping: Promise<void> | undefined
  const create = () => new Bottleneck({ maxConcurrent: maxInFlight, reservoir })
  let bottleneck = create()
  let wallClock = Date.now()
  /** Jobs that wait for admission. While there is one, a timer is set. */
  const waiting = new Set<object>()
  /** Replaced Bottlenecks whose waiting jobs move to the new one. */
  const outdated = new WeakSet<Bottleneck>()

  /** Sets Bottleneck's reservoir to the budget. While jobs wait, a timer repeats this when the budget may rise. */
  function syncReservoir(at: number): void {
    if (stopped) return
    const { startable, risesAt = Number.POSITIVE_INFINITY } = budget.availability(at)
    replaceIfSetBack(startable)
    const change = startable - reservoir
    reservoir += change
    if (change !== 0) void bottleneck.incrementReservoir(change)
    clearTimeout(timer)
    const waitMs = Math.min(checkEveryMs, Math.max(1, risesAt - at))
    if (waiting.size > 0) timer = setTimeout(() => syncReservoir(now()), waitMs)
  }

  function replace(startable: number): void {
    const lost = bottleneck
    reservoir = startable
    bottleneck = create()
    lost.stop({ dropWaitingJobs: true }).catch(() => undefined) // a Bottleneck that lost a job may fail to stop
  }

  /** Bottleneck uses the wall clock: if that is set back, it admits nothing until the old time is reached again. */
  function replaceIfSetBack(startable: number): void {
    const wallNow = Date.now()
    if (wallNow < wallClock) {
      outdated.add(bottleneck)
      replace(startable)
    }
    wallClock = wallNow
  }

  const begin = (at: number): BudgetedCall | undefined =>
    budget.availability(at).startable < 1 ? undefined : budget.start(at)

  /** `again`: a response lowered the budget after Bottleneck's admission, so the job did not run. */
  async function admitted(job: Job, by: Bottleneck): Promise<'done' | 'again'> {
    if (by === bottleneck) reservoir -= 1 // Bottleneck subtracts one when it admits a job
    let call = begin(now())
    if (call === undefined) return 'again'
    const slot: Slot = {
      giveBack: () => {
        call?.cancelled()
        call = undefined
        syncReservoir(now())
      },
      take: () => {
        const at = now()
        call ??= begin(at)
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

  /** `moved`: the job waited in a Bottleneck that was replaced. */
  async function wait(job: Job): Promise<'done' | 'again' | 'moved' | 'dropped'> {
    const waiter = {}
    waiting.add(waiter)
    syncReservoir(now())
    const by = bottleneck
    try {
      return await by.schedule(() => {
        waiting.delete(waiter)
        return admitted(job, by)
      })
    } catch (error) {
      if (!(error instanceof Bottleneck.BottleneckError)) throw error
      return outdated.has(by) && !stopped ? 'moved' : 'dropped'
    } finally {
      waiting.delete(waiter)
    }
  }

  return {
    run: async (job) => {
      for (;;) {
        const result = await wait(job)
        if (result === 'done' || result === 'dropped') return result
      }
    },
    hasRoom: (at) => budget.availability(at).startable > 0,
    rebuild: () => {
      waiting.clear()
      replace(budget.availability(now()).startable)
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      stopping ??= bottleneck.stop({ dropWaitingJobs: true })
      return stopping
    },
  }
}

/**
 * Notices that a slot waits for the limiter despite free budget: the limiter must have lost it. Times are epoch ms. Pure
 * bookkeeping; the caller acts on the verdict.
 */
export interface Watchdog {
  /** A slot was admitted, or none waits. */
  progress(now: number): void
  /** `rebuild`: the slot waited too long, replace the limiter; `wedged`: a new limiter did not help. */
  check(now: number): 'fine' | 'rebuild' | 'wedged'
  /** Only a restart of the process helps. Ends with the next progress. */
  isWedged(): boolean
}

export function createWatchdog({ patienceMs, now }: { patienceMs: number; now: number }): Watchdog {
  let since = now
  let rebuilt = false
  let wedged = false
  return {
    progress: (at) => {
      since = at
      rebuilt = false
      wedged = false
    },
    check: (at) => {
      if (at - since < patienceMs) return 'fine'
      since = at
      if (!rebuilt) {
        rebuilt = true
        return 'rebuild'
      }
      wedged = true
      return 'wedged'
    },
    isWedged: () => wedged,
  }
}
