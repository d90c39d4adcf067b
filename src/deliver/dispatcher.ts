import type { DeliveryPause, Inbox } from '../inbox/inbox.ts'
import { type AttemptDeps, attempt } from './attempt.ts'
import {
  type CallControl,
  type CallControlDeps,
  createCallControl,
  type DeliveryState,
  pausedBy,
} from './delivery-state.ts'
import { createWatchdog, type JobResult, type Limiter, type Slot } from './limiter.ts'
import { createSettleWithRetries } from './settlement.ts'

export interface Dispatcher {
  start(): void
  /** Looks for work at once, after an operator's pause. */
  wake(): void
  state(): DeliveryState
  /** Claims nothing more and lets calls under way finish for `graceMs`. Unfinished events stay in the inbox. Idempotent. */
  stop(graceMs: number): Promise<void>
}

export interface DispatcherDeps extends Omit<AttemptDeps, 'settle' | 'inbox'>, CallControlDeps {
  readonly inbox: Inbox
  readonly limiter: Limiter
  readonly maxInFlight: number
  /** The pause of an operator: no call starts meanwhile. */
  readonly operatorPause?: () => DeliveryPause | undefined
  /** How long a slot may wait for admission despite free budget before the limiter is replaced. */
  readonly watchdogMs?: number
  /** Epoch ms that never jump, for pauses and probes; default `now`. Stored times use `now`. */
  readonly monotonic?: () => number
  /** Ends calls under way at once; used when the grace of `stop` is over. */
  readonly abort: () => void
}

/** A slot settles events that need no call in batches of this size: bounds memory, and lets other slots have a turn. */
const maxUnsettledEvents = 500
/** Claims that wait for lookups without holding a slot; further ones wait in their slot. */
const maxWaiting = 100
/** The dispatcher looks for work at least this often, which covers expired leases. */
const pollMs = 5_000

/** One slot searches for work at a time; `slot` names it. */
type Search =
  /** There may be work, and no slot searches: none is allowed now, or one is about to. */
  | { readonly mode: 'wanted' }
  | { readonly mode: 'admission'; readonly slot: symbol }
  /** `again`: the inbox announced work since the claim began. */
  | { readonly mode: 'claiming'; readonly slot: symbol; readonly again: boolean }
  /** Found nothing and stays admitted, since admission takes longer than the rest of an event's way. `dueAt`: of the next retry. */
  | { readonly mode: 'parked'; readonly slot: symbol; readonly dueAt: number | undefined; wake(): void }
  /** After an unexpected error, until the next poll: a lasting fault must not run hot. */
  | { readonly mode: 'failed' }

/**
 * A slot first waits for the limiter and claims work only once admitted: no lease runs while it waits, and what is decided
 * and sent is as fresh as possible. When a slot finds work, the next slot starts searching.
 */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { inbox, limiter, log, maxInFlight, now, monotonic = deps.now } = deps
  const control = createCallControl(deps)
  const slots = new Map<symbol, Promise<void>>()
  const watchdog = createWatchdog({ patienceMs: deps.watchdogMs ?? 30_000, now: monotonic() })
  let search: Search = { mode: 'wanted' }
  let phase: 'running' | 'stopping' | 'aborted' = 'running'
  let rebuilds = 0
  let timer: NodeJS.Timeout | undefined
  let stopListening: (() => void) | undefined
  let stopped: Promise<void> | undefined

  const settle = createSettleWithRetries({ ...deps, aborted: () => phase === 'aborted' })
  const attemptDeps: AttemptDeps = { ...deps, settle }

  const slotsAt = (at: number): number =>
    phase === 'running' && deps.operatorPause?.() === undefined ? control.limit(at, maxInFlight) : 0

  const isSearching = (slot: symbol): boolean => 'slot' in search && search.slot === slot
  /** No other slot searches. */
  const isFree = (slot: symbol): boolean => !('slot' in search) || search.slot === slot

  function become(next: Search): void {
    search = next
  }

  /** `at`: one reading of the clock for the whole decision, so that no pause or probe time falls between two readings. */
  function pump(at: number): void {
    if (phase !== 'running') return
    if (search.mode === 'wanted' && slots.size < slotsAt(at)) openSlot()
    setTimer(at)
  }

  function openSlot(): void {
    const slot = Symbol('slot')
    become({ mode: 'admission', slot })
    const done = limiter
      .run((admitted) => work(slot, admitted))
      .then(
        () => undefined,
        (error: unknown) => {
          if (isFree(slot)) become({ mode: 'failed' })
          log.error({ err: error }, 'delivery failed unexpectedly')
        },
      )
      .finally(() => {
        slots.delete(slot)
        if (isSearching(slot)) become({ mode: 'wanted' })
        pump(monotonic())
      })
    slots.set(slot, done)
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

  /** Gives up a slot that waits too long, and replaces the limiter. */
  function checkLimiter(at: number): void {
    const isWaiting = search.mode === 'admission' || search.mode === 'claiming'
    if (!isWaiting || slotsAt(at) === 0 || !limiter.hasRoom(at)) watchdog.progress(at)
    const verdict = watchdog.check(at)
    if (verdict === 'fine') return
    log.error({ code: 'delivery_stuck', verdict }, 'no call starts despite pending work and free budget')
    if ('slot' in search) slots.delete(search.slot)
    become({ mode: 'wanted' })
    rebuilds += 1
    limiter.rebuild()
  }

  async function work(slot: symbol, admitted: Slot): Promise<JobResult> {
    watchdog.progress(monotonic())
    let unsettled: Promise<void>[] = []
    let unsettledEvents = 0
    while (slotsAt(monotonic()) > 0) {
      if (isFree(slot)) become({ mode: 'claiming', slot, again: false })
      const [claim] = await inbox.claim({ limit: 1, leaseMs: deps.leaseMs })
      if (claim === undefined) {
        const due = await inbox.nextDueAt()
        if (!isSearching(slot) || phase !== 'running') break
        if (search.mode === 'claiming' && search.again) continue
        admitted.giveBack()
        await park(slot, due === undefined ? undefined : monotonic() + (due - now()))
        if (!admitted.take()) break
        continue
      }
      if (isSearching(slot)) become({ mode: 'wanted' })
      pump(monotonic())
      const result = await attempt(claim, attemptDeps)
      if (result.kind === 'called') {
        control.apply(result.answer, claim.key, monotonic())
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
  function park(slot: symbol, dueAt: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        become({ mode: 'claiming', slot, again: false })
        setImmediate(resolve)
      }
      become({ mode: 'parked', slot, dueAt, wake })
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
    await Promise.all([...slots.values(), dropped])
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

export interface WakeInput extends ReturnType<CallControl['risesAt']> {
  /** The time of the decision. All times are epoch ms by the same clock. */
  readonly at: number
  /** When the next retry is due; undefined: none waits, or a slot searches anyway. */
  readonly dueAt: number | undefined
}

/** When the dispatcher must search for work again, always later than `at`. */
export function wakeTime({ at, pausedUntil, probeAt, dueAt }: WakeInput): number {
  // A retry that was not due when the slot searched may be due by now: then at once, not at the next poll.
  const due = dueAt === undefined ? undefined : Math.max(dueAt, at + 1)
  const times = [pausedUntil, probeAt, due].filter((time) => time !== undefined && time > at)
  return Math.min(at + pollMs, ...times.map(Number))
}
