import Bottleneck from 'bottleneck'
import type { BudgetedCall, RateBudget, RateReport } from './rate-budget.ts'

/** What an admitted job did with its slot. */
export type JobResult = { readonly kind: 'called'; readonly rate: RateReport } | { readonly kind: 'unused' }

/** The right to make one call now. */
export interface Slot {
  /** Stays admitted, but leaves the call to others. */
  giveBack(): void
  /** Takes a call again after `giveBack`; false: the budget has none now. */
  take(): boolean
}

/** Admits calls one by one: at most `maxInFlight` at once and never more than the budget has. */
export interface Limiter {
  /** Resolves when the job is done; `dropped`: the limiter was stopped or rebuilt before the job was admitted. */
  run(job: (slot: Slot) => Promise<JobResult>): Promise<'done' | 'dropped'>
  /** Whether a waiting job could be admitted at this time (epoch ms of the limiter's clock). */
  hasRoom(at: number): boolean
  /** Starts over with a new Bottleneck: waiting jobs are dropped, admitted ones finish. */
  rebuild(): void
  /** Drops jobs that wait, lets admitted ones finish. Idempotent. */
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
 * The only user of Bottleneck. Its own reservoir refresh is not used, because it does not know the server's window;
 * instead increments keep the reservoir equal to the budget (updateSettings is unsafe: Bottleneck issue #185). Few jobs
 * wait here: the dispatcher opens at most `maxInFlight` slots.
 *
 * Each decision reads the clock once and passes that time on. With two readings a window could end between them:
 * the first says "nothing yet", the second "nothing to wait for", and no timer is set.
 */
export function createLimiter({ budget, maxInFlight, now }: LimiterDeps): Limiter {
  let reservoir = budget.availability(now()).startable
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let stopping: Promise<void> | undefined
  const create = () => new Bottleneck({ maxConcurrent: maxInFlight, reservoir })
  let bottleneck = create()
  let wallClock = Date.now()
  /** Jobs that wait for admission. While there are any, a timer is set. */
  const waiting = new Set<object>()
  /** Bottlenecks whose waiting jobs move on to the next one. */
  const outdated = new WeakSet<Bottleneck>()

  /** Makes Bottleneck's reservoir equal to the budget; while jobs wait, a timer repeats this when the budget may rise. */
  function follow(at: number): void {
    if (stopped) return
    const { startable, risesAt = Number.POSITIVE_INFINITY } = budget.availability(at)
    replaceIfSetBack(startable)
    const change = startable - reservoir
    reservoir += change
    if (change !== 0) void bottleneck.incrementReservoir(change)
    clearTimeout(timer)
    const waitMs = Math.min(checkEveryMs, Math.max(1, risesAt - at))
    if (waiting.size > 0) timer = setTimeout(() => follow(now()), waitMs)
  }

  function replace(startable: number): void {
    const lost = bottleneck
    reservoir = startable
    bottleneck = create()
    lost.stop({ dropWaitingJobs: true }).catch(() => undefined) // a Bottleneck that lost a job may refuse to stop
  }

  /** Bottleneck uses the wall clock: after that is set back, it would admit nothing until the old time is reached again. */
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

  /** `again`: an answer used up the budget between Bottleneck's admission and now; the slot was not used. */
  async function admitted(
    job: (slot: Slot) => Promise<JobResult>,
    by: Bottleneck,
  ): Promise<'done' | 'again'> {
    if (by === bottleneck) reservoir -= 1 // Bottleneck took one when it admitted the job
    let call = begin(now())
    if (call === undefined) return 'again'
    const slot: Slot = {
      giveBack: () => {
        call?.cancelled()
        call = undefined
        follow(now())
      },
      take: () => {
        const at = now()
        call ??= begin(at)
        follow(at)
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
      follow(at)
    }
    return 'done'
  }

  /** `moved`: waited in a Bottleneck that was replaced. */
  async function wait(
    job: (slot: Slot) => Promise<JobResult>,
  ): Promise<'done' | 'again' | 'moved' | 'dropped'> {
    const waiter = {}
    waiting.add(waiter)
    follow(now())
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
