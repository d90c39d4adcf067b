import type { DeliveryPause, Inbox } from '../inbox/inbox.ts'
import type { Tracer } from '../tracing/tracer.ts'
import { type AttemptDeps, attempt as attemptClaim } from './attempt.ts'
import { type CallControlDeps, createCallControl, type DeliveryState, pausedBy } from './delivery-state.ts'
import type { JobResult, Limiter, Slot } from './limiter.ts'
import { createSettleWithRetries } from './settlement.ts'
import { traceAttempt } from './trace-attempt.ts'
import { wakeTime } from './wake-time.ts'
import { createWatchdog } from './watchdog.ts'

export interface Dispatcher {
  start(): void
  /** Looks for work at once, because calls may start again. */
  wake(): void
  state(): DeliveryState
  /** Claims nothing more and lets calls under way finish for `graceMs`. Unfinished events stay in the inbox. Idempotent. */
  stop(graceMs: number): Promise<void>
}

export interface DispatcherDeps extends Omit<AttemptDeps, 'settle' | 'inbox'>, CallControlDeps {
  readonly inbox: Inbox
  readonly limiter: Limiter
  /** Absent: tracing is off. */
  readonly tracer?: Tracer | undefined
  readonly maxInFlight: number
  /** The pause of an operator: no call starts meanwhile. */
  readonly operatorPause?: () => DeliveryPause | undefined
  /** Whether this node may make calls. Default: always. */
  readonly mayDeliver?: () => boolean
  /** Called when a job has ended and its call counts in the budget. */
  readonly onJobDone?: () => void
  /** How long a job may wait for the limiter despite free budget before the limiter is replaced. */
  readonly watchdogMs?: number
  /** Epoch ms that never jump, for pauses and probes; default `now`. Stored times use `now`. */
  readonly monotonic?: () => number
  /** Ends calls under way at once; used when the grace of `stop` is over. */
  readonly abort: () => void
}

/** A job settles events that need no call in batches of this size: bounds memory, and lets other jobs have a turn. */
const maxUnsettledEvents = 500
/** Claims that wait for lookups without holding a slot; further ones wait in their slot. */
const maxWaiting = 100

/** One job of the limiter searches for work at a time; `job` names it. */
type Search =
  /** There may be work, and no job searches: none is allowed now, or one is about to. */
  | { readonly mode: 'wanted' }
  | { readonly mode: 'admission'; readonly job: symbol }
  /** `again`: the inbox announced work since the claim began. */
  | { readonly mode: 'claiming'; readonly job: symbol; readonly again: boolean }
  /** Found nothing and stays admitted, since admission takes longer than the rest of an event's way. `dueAt`: of the next retry. */
  | { readonly mode: 'parked'; readonly job: symbol; readonly dueAt: number | undefined; wake(): void }
  /** After an unexpected error, until the next poll: a lasting fault must not run hot. */
  | { readonly mode: 'failed' }

/**
 * A job first waits for a slot of the limiter and claims work only when it has one: no lease runs while it waits, and what is
 * decided and sent is as fresh as possible. When a job finds work, the next job starts searching.
 */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { inbox, limiter, log, maxInFlight, now, monotonic = deps.now } = deps
  const control = createCallControl(deps)
  const jobs = new Map<symbol, Promise<void>>()
  const watchdog = createWatchdog({ patienceMs: deps.watchdogMs ?? 30_000, startedAt: monotonic() })
  let search: Search = { mode: 'wanted' }
  let phase: 'running' | 'stopping' | 'aborted' = 'running'
  let rebuilds = 0
  let timer: NodeJS.Timeout | undefined
  let stopListening: (() => void) | undefined
  let stopped: Promise<void> | undefined

  const settle = createSettleWithRetries({ ...deps, aborted: () => phase === 'aborted' })
  const attemptDeps: AttemptDeps = { ...deps, settle }
  const attempt = deps.tracer === undefined ? attemptClaim : traceAttempt(deps.tracer)

  const mayDeliver = () => deps.mayDeliver?.() ?? true
  const jobsAt = (at: number): number =>
    phase === 'running' && mayDeliver() && deps.operatorPause?.() === undefined
      ? control.limit(at, maxInFlight)
      : 0

  const isSearching = (job: symbol): boolean => 'job' in search && search.job === job
  /** No other job searches. */
  const isFree = (job: symbol): boolean => !('job' in search) || search.job === job

  function become(next: Search): void {
    search = next
  }

  /** `at`: one reading of the clock for the whole decision, so that no pause or probe time falls between two readings. */
  function pump(at: number): void {
    if (phase !== 'running') return
    if (search.mode === 'wanted' && jobs.size < jobsAt(at)) startJob()
    setTimer(at)
  }

  function startJob(): void {
    const job = Symbol('job')
    become({ mode: 'admission', job })
    const done = limiter
      .run((slot) => work(job, slot))
      .then(
        () => undefined,
        (error: unknown) => {
          if (isFree(job)) become({ mode: 'failed' })
          log.error({ err: error }, 'delivery failed unexpectedly')
        },
      )
      .finally(() => {
        jobs.delete(job)
        deps.onJobDone?.()
        if (isSearching(job)) become({ mode: 'wanted' })
        pump(monotonic())
      })
    jobs.set(job, done)
  }

  function setTimer(at: number): void {
    clearTimeout(timer)
    const dueAt = search.mode === 'parked' ? search.dueAt : undefined
    timer = setTimeout(lookForWork, wakeTime({ at, ...control.risesAt(at), dueAt }) - at)
  }

  /** The inbox announced work, or a time has come. */
  function lookForWork(): void {
    const at = monotonic()
    checkLimiter(at)
    if (search.mode === 'parked') search.wake()
    else if (search.mode === 'claiming') become({ ...search, again: true })
    else if (search.mode !== 'admission') become({ mode: 'wanted' })
    pump(at)
  }

  /** Gives up a job that waits too long, and replaces the limiter. */
  function checkLimiter(at: number): void {
    const isWaiting = search.mode === 'admission' || search.mode === 'claiming'
    if (!isWaiting || jobsAt(at) === 0 || !limiter.hasRoom(at)) watchdog.progress(at)
    const verdict = watchdog.check(at)
    if (verdict === 'fine') return
    log.error({ code: 'delivery_stuck', verdict }, 'no call starts despite pending work and free budget')
    if ('job' in search) jobs.delete(search.job)
    become({ mode: 'wanted' })
    rebuilds += 1
    limiter.rebuild()
  }

  async function work(job: symbol, slot: Slot): Promise<JobResult> {
    watchdog.progress(monotonic())
    let unsettled: Promise<void>[] = []
    let unsettledEvents = 0
    while (jobsAt(monotonic()) > 0) {
      if (isFree(job)) become({ mode: 'claiming', job, again: false })
      const [claim] = await inbox.claim({ limit: 1, leaseMs: deps.leaseMs })
      if (claim === undefined) {
        const due = await inbox.nextDueAt()
        if (!isSearching(job) || phase !== 'running') break
        if (search.mode === 'claiming' && search.again) continue
        slot.giveBack()
        await park(job, due === undefined ? undefined : monotonic() + (due - now()))
        if (!slot.take()) break
        continue
      }
      if (isSearching(job)) become({ mode: 'wanted' })
      pump(monotonic())
      const result = await attempt(claim, attemptDeps)
      if (result.kind === 'called') {
        // A call that was cut off, because another node delivers now, does not show whether the API works.
        if (mayDeliver()) control.apply(result.answer, claim.key, monotonic())
        await Promise.all([...unsettled, result.settled])
        return { kind: 'called', rate: result.answer.rate }
      }
      if (result.kind === 'waiting') {
        await waitAside(result.settled)
        continue
      }
      unsettled.push(result.settled)
      unsettledEvents += claim.events.length
      if (unsettledEvents >= maxUnsettledEvents) {
        await Promise.all(unsettled)
        unsettled = []
        unsettledEvents = 0
      }
    }
    await Promise.all(unsettled)
    return { kind: 'unused' }
  }

  /** Resolves one event-loop turn after it is woken, so that the relay gets its response before its event is delivered. */
  function park(job: symbol, dueAt: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        become({ mode: 'claiming', job, again: false })
        setImmediate(resolve)
      }
      become({ mode: 'parked', job, dueAt, wake })
      setTimer(monotonic())
    })
  }

  const waiting = new Set<Promise<void>>()
  /** Claims that wait for lookups don't hold up their slot, unless there are too many. */
  async function waitAside(settled: Promise<void>): Promise<void> {
    const waits = settled.finally(() => waiting.delete(waits))
    waiting.add(waits)
    if (waiting.size > maxWaiting) await Promise.race(waiting)
  }

  async function drain(graceMs: number): Promise<void> {
    phase = 'stopping'
    stopListening?.()
    clearTimeout(timer)
    if (search.mode === 'parked') search.wake()
    const dropped = limiter.stop()
    const grace = setTimeout(() => {
      phase = 'aborted'
      deps.abort()
    }, graceMs)
    await Promise.all([...jobs.values(), dropped])
    clearTimeout(grace)
  }

  return {
    start: () => {
      stopListening ??= inbox.onWork(lookForWork)
      pump(monotonic())
    },
    wake: () => (stopListening === undefined ? undefined : lookForWork()),
    state: () => {
      const counts = { wedged: watchdog.isWedged(), rebuilds }
      return { ...control.state(monotonic()), ...pausedBy(deps.operatorPause?.()), ...counts }
    },
    stop: (graceMs) => {
      stopped ??= drain(graceMs)
      return stopped
    },
  }
}
