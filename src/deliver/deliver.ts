import type { Answer } from '../genesys/classify.ts'
import type { Claim, Inbox, Settlement } from '../inbox/inbox.ts'
import { type AttemptDeps, attempt } from './attempt.ts'
import type { CircuitBreaker, CircuitReason } from './circuit-breaker.ts'
import type { JobResult, Limiter } from './limiter.ts'
import type { PauseGate } from './pause-gate.ts'

export interface DeliveryState {
  readonly state: 'running' | 'paused' | 'open'
  /** Epoch ms; present while paused. */
  readonly pausedUntil: number | undefined
  /** Present while open. */
  readonly reason: CircuitReason | undefined
}

export interface Dispatcher {
  start(): void
  state(): DeliveryState
  /** Takes no new work, lets calls under way finish for `graceMs`. What is not done stays in the inbox. */
  stop(graceMs: number): Promise<void>
}

export interface DispatcherLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface DispatcherDeps extends Omit<AttemptDeps, 'settle'> {
  readonly inbox: Inbox
  readonly limiter: Limiter
  readonly gate: PauseGate
  readonly circuit: CircuitBreaker
  readonly log: DispatcherLog
  readonly maxInFlight: number
  /** How long a claim is held at most: longer than a call, and than settling takes. */
  readonly leaseMs: number
  /** Used for a 429 without Retry-After and without rate headers. */
  readonly defaultPauseMs: number
  /** Ends calls under way at once; used when the grace of `stop` is over. */
  readonly abort: () => void
}

/** Looked for even if nothing told of work: covers leases that ran out. */
const pollMs = 5_000
const settleAgainMs = 1_000
/** Settlements of events that need no call, under way at once per place. */
const maxUnsettled = 200

/**
 * Takes a place in the limiter first and claims work only once it is admitted: so nothing waits under a
 * lease, and what is decided and sent is as fresh as can be. A place that finds work makes the next one be
 * looked for; one that finds none ends the search until the inbox tells of work or a time has come.
 */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { inbox, limiter, gate, circuit, log, maxInFlight, now } = deps
  const places = new Set<Promise<void>>()
  let searching = false
  let workSeen = 0 // counts what the inbox told, so that news during a search is not lost
  let mayHaveWork = true
  let timer: NodeJS.Timeout | undefined
  let stopListening: (() => void) | undefined
  let stopping: Promise<void> | undefined
  let giveUp = false

  const attemptDeps: AttemptDeps = { ...deps, settle }
  const mayCall = (): boolean =>
    stopping === undefined && gate.isOpen(now()) && circuit.limit(now(), maxInFlight) > 0

  function pump(): void {
    if (stopping !== undefined) return
    const wanted = mayHaveWork && !searching && mayCall() && places.size < circuit.limit(now(), maxInFlight)
    if (wanted) {
      searching = true
      const place = limiter
        .run(job)
        .then(
          () => undefined,
          (error: unknown) => {
            mayHaveWork = false // the poll tries again: a fault that stays must not run hot
            log.error({ err: error }, 'delivery failed unexpectedly')
          },
        )
        .finally(() => {
          places.delete(place)
          pump()
        })
      places.add(place)
    }
    clearTimeout(timer)
    timer = setTimeout(look, wakeInMs())
  }

  function look(): void {
    mayHaveWork = true
    workSeen += 1
    pump()
  }

  let nextDueAt: number | undefined
  function wakeInMs(): number {
    const times = [gate.pausedUntil(now()), circuit.open()?.probeAt, mayHaveWork ? undefined : nextDueAt]
    const next = Math.min(
      now() + pollMs,
      ...times.filter((time) => time !== undefined && time > now()).map(Number),
    )
    return Math.max(1, next - now())
  }

  async function job(): Promise<JobResult> {
    try {
      return await search()
    } finally {
      searching = false
    }
  }

  async function search(): Promise<JobResult> {
    let unsettled: Promise<void>[] = []
    while (mayCall()) {
      const seen = workSeen
      const [claim] = await inbox.claim({ limit: 1, leaseMs: deps.leaseMs })
      if (claim === undefined) {
        nextDueAt = await inbox.nextDueAt()
        if (seen === workSeen) mayHaveWork = false
        break
      }
      searching = false
      pump()
      const result = await attempt(claim, attemptDeps)
      if (result.kind === 'called') {
        learn(result.answer)
        await Promise.all([...unsettled, result.settled])
        return { kind: 'called', rate: result.answer.rate }
      }
      unsettled.push(result.settled)
      if (unsettled.length >= maxUnsettled) {
        await Promise.all(unsettled)
        unsettled = []
      }
    }
    await Promise.all(unsettled)
    return { kind: 'unused' }
  }

  /** What an answer means for everybody's calls. */
  function learn(answer: Answer): void {
    if (answer.kind === 'rate_limited') {
      const { rate, retryAfterMs } = answer
      const fallbackMs = typeof rate === 'object' ? rate.resetMs : deps.defaultPauseMs
      gate.pauseUntil(now() + (retryAfterMs ?? fallbackMs))
      log.warn(
        { code: 'rate_limited', retryAfterMs: retryAfterMs ?? fallbackMs },
        'Genesys Cloud asked to wait: all calls pause',
      )
    } else if (answer.kind === 'credentials_refused') {
      circuit.refused(now())
      log.error(
        { code: answer.kind },
        'Genesys Cloud refuses the OAuth client: delivery waits, events stay pending',
      )
    } else if (answer.kind === 'unavailable') {
      const before = circuit.open()
      circuit.failed(now())
      if (before === undefined && circuit.open() !== undefined)
        log.error(
          { code: 'api_unavailable' },
          'Genesys Cloud fails repeatedly: delivery waits, events stay pending',
        )
    } else if (answer.kind !== 'token_expired') {
      if (circuit.open() !== undefined) log.warn({}, 'Genesys Cloud answers again: delivery goes on')
      circuit.succeeded()
    }
  }

  /** Until it is on record: giving the claim back without would only send the same call again. */
  async function settle(claim: Claim, settlement: Settlement): Promise<boolean> {
    while (!giveUp) {
      try {
        const settled = (await inbox.settle(claim, settlement)) === 'settled'
        if (!settled) log.warn({ ...claim.key }, 'lease ran out before the outcome was recorded')
        return settled
      } catch (error) {
        log.error({ code: 'store_unavailable', err: error }, 'outcome could not be recorded: trying again')
        await new Promise((resolve) => setTimeout(resolve, settleAgainMs))
      }
    }
    return false
  }

  return {
    start: () => {
      stopListening ??= inbox.onWork(look)
      pump()
    },
    state: () => {
      const open = circuit.open()
      const pausedUntil = gate.pausedUntil(now())
      return {
        state: open ? 'open' : pausedUntil === undefined ? 'running' : 'paused',
        pausedUntil,
        reason: open?.reason,
      }
    },
    stop: (graceMs) => {
      stopping ??= (async () => {
        stopListening?.()
        clearTimeout(timer)
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
