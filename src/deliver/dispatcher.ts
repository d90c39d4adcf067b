import type { Inbox } from '../inbox/inbox.ts'
import { createLearn, type DeliveryLog } from './apply-answer.ts'
import { type AttemptDeps, attempt } from './attempt.ts'
import type { CircuitBreaker, CircuitReason } from './circuit-breaker.ts'
import type { JobResult, Limiter, Place } from './limiter.ts'
import type { PauseGate } from './pause-gate.ts'
import { createRecord } from './settle-with-retries.ts'
import { wakeTime } from './wake-time.ts'
import { createWatchdog } from './watchdog.ts'

export interface DeliveryState {
  readonly state: 'running' | 'paused' | 'open'
  /** Epoch ms; present while paused. */
  readonly pausedUntil: number | undefined
  /** Present while open, and while running if the last calls all failed; `cause`: how the last one failed, if so. */
  readonly reason: CircuitReason | undefined
  readonly cause?: string
  /** Delivery hangs and only a new process will help. */
  readonly wedged: boolean
  /** How often the limiter was made anew, since it hung. */
  readonly rebuilds: number
}

export interface Dispatcher {
  start(): void
  state(): DeliveryState
  /** Takes no new work, lets calls under way finish for `graceMs`. What is not done stays in the inbox. */
  stop(graceMs: number): Promise<void>
}

export interface DispatcherDeps extends Omit<AttemptDeps, 'settle' | 'inbox'> {
  readonly inbox: Inbox
  readonly limiter: Limiter
  readonly gate: PauseGate
  readonly circuit: CircuitBreaker
  readonly log: DeliveryLog
  readonly maxInFlight: number
  /** Used for a 429 with neither Retry-After nor a reset header. */
  readonly defaultPauseMs: number
  /** How long a place may be waited for while nothing stands in the way, before the limiter is made anew. */
  readonly watchdogMs?: number
  /** Epoch ms that never jump, for pauses and probes; default `now`. What is stored goes by `now`. */
  readonly monotonic?: () => number
  /** Ends calls under way at once; used when the grace of `stop` is over. */
  readonly abort: () => void
}

/** Events that need no call, whose settlements are under way at once in a place: bounds memory, and lets others have a turn. */
const maxUnsettledEvents = 500
/** Claims whose data is being fetched beside the places; more are waited for in their place. */
const maxWaiting = 100

/**
 * Takes a place in the limiter first and claims work only once it is admitted: so nothing waits under a
 * lease, and what is decided and sent is as fresh as can be. A place that finds work makes the next one be
 * looked for; one that finds none stays admitted until the inbox tells of work or a time has come, since
 * admission takes longer than all the rest of an event's way.
 */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { inbox, limiter, gate, circuit, log, maxInFlight, now, monotonic = deps.now } = deps
  const places = new Set<Promise<void>>()
  let searching = false
  let searchingPlace: Promise<void> | undefined
  let wakeIdlePlace: (() => void) | undefined
  let rebuilds = 0
  const watchdog = createWatchdog({ patienceMs: deps.watchdogMs ?? 30_000, now: monotonic() })
  let nextDueAt: number | undefined // by the monotonic clock
  let workSeen = 0 // counts what the inbox told, so that news during a search is not lost
  let mayHaveWork = true
  let timer: NodeJS.Timeout | undefined
  let stopListening: (() => void) | undefined
  let stopping: Promise<void> | undefined
  let giveUp = false
  let lastCause: string | undefined

  const learn = createLearn({ ...deps, now: monotonic })
  const attemptDeps: AttemptDeps = { ...deps, settle: createRecord({ ...deps, givenUp: () => giveUp }) }
  /** How many places there are: fewer after a pause, one to probe a failing API, none while either is closed. */
  const placesAt = (at: number): number =>
    stopping === undefined ? Math.min(gate.limit(at, maxInFlight), circuit.limit(at, maxInFlight)) : 0

  /** `at`: one reading of the clock for the whole decision, so that no pause or probe time falls between two readings. */
  function pump(at: number): void {
    if (stopping !== undefined) return
    if (mayHaveWork && !searching && places.size < placesAt(at)) {
      searching = true
      const place = limiter
        .run(job)
        .then(
          () => undefined,
          (error: unknown) => {
            mayHaveWork = false // the poll tries again: a fault that stays must not run hot
            nextDueAt = undefined
            log.error({ err: error }, 'delivery failed unexpectedly')
          },
        )
        .finally(() => {
          places.delete(place)
          if (searchingPlace === place) searching = false // also where it ended before its job began
          pump(monotonic())
        })
      places.add(place)
      searchingPlace = place
    }
    lookAgain(at)
  }

  function lookAgain(at: number): void {
    clearTimeout(timer)
    const pausedUntil = gate.pausedUntil(at)
    const dueAt = mayHaveWork ? undefined : nextDueAt
    timer = setTimeout(look, wakeTime({ at, pausedUntil, probeAt: circuit.open()?.probeAt, dueAt }) - at)
  }

  function look(): void {
    mayHaveWork = true
    workSeen += 1
    const at = monotonic()
    watch(at)
    wakeIdlePlace?.()
    pump(at)
  }

  /** A place waited for in vain is given up, and looked for in a new limiter. */
  function watch(at: number): void {
    const waiting = searching && wakeIdlePlace === undefined && placesAt(at) > 0 && limiter.hasRoom(at)
    if (!waiting) watchdog.progress(at)
    const verdict = watchdog.check(at)
    if (verdict === 'fine') return
    log.error(
      { code: 'delivery_stuck', verdict },
      'work waits and nothing stands in its way, but no call starts',
    )
    if (searchingPlace !== undefined) places.delete(searchingPlace)
    searching = false
    rebuilds += 1
    limiter.rebuild()
  }

  async function job(place: Place): Promise<JobResult> {
    watchdog.progress(monotonic())
    // Once it has found work, the search is the next place's: then its end is no longer told here.
    let mine = true
    const endSearch = () => {
      if (mine) searching = false
      mine = false
    }
    try {
      return await search(place, endSearch, () => mine)
    } finally {
      endSearch()
    }
  }

  async function search(place: Place, endSearch: () => void, isSearching: () => boolean): Promise<JobResult> {
    let unsettled: Promise<void>[] = []
    let unsettledEvents = 0
    while (placesAt(monotonic()) > 0) {
      const seen = workSeen
      const [claim] = await inbox.claim({ limit: 1, leaseMs: deps.leaseMs })
      if (claim === undefined) {
        const due = await inbox.nextDueAt()
        nextDueAt = due === undefined ? undefined : monotonic() + (due - now())
        if (seen !== workSeen) continue
        mayHaveWork = false
        if (!isSearching() || stopping !== undefined) break
        place.giveBack()
        await news()
        if (!place.take()) break
        continue
      }
      endSearch()
      pump(monotonic())
      const result = await attempt(claim, attemptDeps)
      if (result.kind === 'called') {
        if (result.answer.kind === 'unavailable') lastCause = result.answer.cause
        learn(result.answer, claim.key)
        await Promise.all([...unsettled, result.settled])
        return { kind: 'called', rate: result.answer.rate }
      }
      if (result.kind === 'waiting') {
        await aside(result.settled)
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

  const waiting = new Set<Promise<void>>()
  /** What waits for data holds up no other: its place goes on with them. */
  async function aside(settled: Promise<void>): Promise<void> {
    const waits = settled.finally(() => waiting.delete(waits))
    waiting.add(waits)
    if (waiting.size > maxWaiting) await Promise.race(waiting)
  }

  /** Told a turn later, so that the relay's answer is on its way before its event is worked on. */
  function news(): Promise<void> {
    lookAgain(monotonic())
    return new Promise((resolve) => {
      wakeIdlePlace = () => {
        wakeIdlePlace = undefined
        setImmediate(resolve)
      }
    })
  }

  return {
    start: () => {
      stopListening ??= inbox.onWork(look)
      pump(monotonic())
    },
    state: () => {
      const open = circuit.open()
      const pausedUntil = gate.pausedUntil(monotonic())
      const reason = open?.reason ?? (circuit.isFailing() ? 'api_unavailable' : undefined)
      return {
        state: open ? 'open' : pausedUntil === undefined ? 'running' : 'paused',
        pausedUntil,
        reason,
        ...(reason === 'api_unavailable' && lastCause !== undefined && { cause: lastCause }),
        wedged: watchdog.isWedged(),
        rebuilds,
      }
    },
    stop: (graceMs) => {
      stopping ??= (async () => {
        stopListening?.()
        clearTimeout(timer)
        wakeIdlePlace?.()
        const dropped = limiter.stop()
        const grace = setTimeout(() => {
          giveUp = true
          deps.abort()
        }, graceMs)
        await Promise.all([...places, dropped])
        clearTimeout(grace)
      })()
      return stopping
    },
  }
}
