import Bottleneck from 'bottleneck'
import type { RateBudget, RateReport } from './rate-budget.ts'

/** What an admitted job did with its place. */
export type JobResult = { readonly kind: 'called'; readonly rate: RateReport } | { readonly kind: 'unused' }

/** The right to make one call now. */
export interface Place {
  /** Stays admitted, but lets others have the call. */
  giveBack(): void
  /** Takes a call again after `giveBack`; false: there is none now. */
  take(): boolean
}

/** Admits calls one by one: at most `maxInFlight` at once and never more than the budget has. */
export interface Limiter {
  /** Resolves when the job is done; `dropped`: the limiter was stopped before the job was admitted. */
  run(job: (place: Place) => Promise<JobResult>): Promise<'done' | 'dropped'>
  /** Whether a job that waits could be admitted now. */
  hasRoom(): boolean
  /** Begins anew with another Bottleneck: jobs that wait are dropped, admitted ones finish. */
  rebuild(): void
  /** Drops jobs that wait, lets admitted ones finish. */
  stop(): Promise<void>
}

export interface LimiterDeps {
  readonly budget: RateBudget
  readonly maxInFlight: number
  readonly now: () => number
}

/** The budget is looked at this often at least, whatever it says of the future. */
const lookAgainMs = 60_000

/**
 * The only user of Bottleneck. Its own reservoir refresh is not used, since it knows nothing of the server's
 * window; instead the reservoir is kept equal to what the budget says, by increments (updateSettings would be
 * unsafe: Bottleneck issue #185). Little waits in here: the dispatcher asks for at most `maxInFlight` places.
 */
export function createLimiter({ budget, maxInFlight, now }: LimiterDeps): Limiter {
  let reservoir = budget.startable(now())
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const create = () => new Bottleneck({ maxConcurrent: maxInFlight, reservoir })
  let bottleneck = create()
  let wallClock = Date.now()

  /** Bottleneck's reservoir follows the budget; the timer looks again when the budget rises by itself. */
  function follow(): void {
    if (stopped) return
    const change = budget.startable(now()) - reservoir
    reservoir += change
    if (change !== 0) void bottleneck.incrementReservoir(change)
    clearTimeout(timer)
    const risesAt = budget.risesAt(now())
    if (risesAt !== undefined) timer = setTimeout(follow, Math.min(lookAgainMs, Math.max(1, risesAt - now())))
  }

  function rebuild(): void {
    const lost = bottleneck
    reservoir = budget.startable(now())
    bottleneck = create()
    lost.stop({ dropWaitingJobs: true }).catch(() => undefined) // lost as it is, it may refuse to stop
  }

  /** Bottleneck goes by the wall clock: where that was set back, it would wait until the clock shows the same time again. */
  function renewIfSetBack(): void {
    if (Date.now() < wallClock) rebuild()
    wallClock = Date.now()
  }

  /** `again`: an answer took the budget away between Bottleneck's admission and now; the place was not used. */
  async function admitted(
    job: (place: Place) => Promise<JobResult>,
    by: Bottleneck,
  ): Promise<'done' | 'again'> {
    if (by === bottleneck) reservoir -= 1 // Bottleneck took one when it admitted the job
    let call = begin()
    if (call === undefined) return 'again'
    const place: Place = {
      giveBack: () => {
        call?.cancelled()
        call = undefined
        follow()
      },
      take: () => {
        call ??= begin()
        follow()
        return call !== undefined
      },
    }
    let result: JobResult | undefined
    try {
      result = await job(place)
    } finally {
      if (result?.kind === 'unused') call?.cancelled()
      else call?.ended(now(), result?.rate)
      follow()
    }
    return 'done'
  }

  const begin = () => (budget.startable(now()) < 1 ? undefined : budget.start(now()))

  return {
    run: async (job) => {
      try {
        for (;;) {
          renewIfSetBack()
          follow()
          const by = bottleneck
          if ((await by.schedule(() => admitted(job, by))) === 'done') return 'done'
        }
      } catch (error) {
        if (error instanceof Bottleneck.BottleneckError) return 'dropped'
        throw error
      }
    },
    hasRoom: () => budget.startable(now()) > 0,
    rebuild,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await bottleneck.stop({ dropWaitingJobs: true })
    },
  }
}
