import type { Log } from '../log/log.ts'

/** `event_loop`: the event loop is too slow to answer in time. `memory`: too many bytes wait in memory to be stored. */
export type OverloadCause = 'event_loop' | 'memory'

export type Pressure = ReturnType<typeof createPressure>

/** Memory for the messages of one request that base64 and gzip unpack. */
export interface UnpackingMemory {
  /** False: no memory left, nothing reserved. */
  hold(bytes: number): boolean
  /** Whether the last `hold` was refused. */
  isRefused(): boolean
  release(): void
}

export interface PressureStatus {
  /** Why requests are refused now, or were within the last second. */
  readonly cause: OverloadCause | undefined
  /** Memory reserved for requests in progress. */
  readonly heldBytes: number
  readonly maxHeldBytes: number
  /** Requests refused since the start. */
  readonly refused: Readonly<Record<OverloadCause, number>>
}

export interface PressureOptions {
  readonly maxBodyBytes: number
  readonly log: Log<'info' | 'warn'>
  /** Monotonic clock, in ms. */
  readonly monotonic: () => number
  /** For tests only, like `maxLateMs`. */
  readonly minHeldBytesLimit?: number
  readonly maxLateMs?: number
}

const tickMs = 100

/**
 * The memory limit, or four bodies of MAX_BODY_BYTES if that is more. It is small because a parsed body takes several times
 * its length.
 */
const defaultMinHeldBytesLimit = 32 * 1024 * 1024

/** The memory of a request besides its body: headers, objects, its share of the group commit. */
const requestBytes = 4_096

/**
 * The answer takes about two turns of the event loop, and relays wait only a few seconds for it (EventBridge: 5 s). If a turn
 * takes a second, senders start to time out and to resend events that are already stored.
 */
const defaultMaxLateMs = 1_000

/** Limits the load of webhook requests on memory and event loop. */
export function createPressure({
  maxBodyBytes,
  log,
  monotonic,
  minHeldBytesLimit = defaultMinHeldBytesLimit,
  maxLateMs = defaultMaxLateMs,
}: PressureOptions) {
  const maxHeldBytes = Math.max(minHeldBytesLimit, 4 * maxBodyBytes)
  const overload = createOverload({ maxLateMs, lateTicks: 3, quietTicks: 10 })
  const refused = { event_loop: 0, memory: 0 }
  let heldBytes = 0
  let refusedAtLastTick = 0
  let timer: NodeJS.Timeout | undefined

  function scheduleTick(): void {
    const dueAt = monotonic() + tickMs
    timer = setTimeout(() => {
      const before = overload.cause()
      overload.tick(monotonic() - dueAt, refused.memory - refusedAtLastTick)
      refusedAtLastTick = refused.memory
      logChange(before, overload.cause())
      scheduleTick()
    }, tickMs)
  }

  function logChange(before: OverloadCause | undefined, cause: OverloadCause | undefined): void {
    if (cause === before) return
    if (cause === undefined) log.info({ refused }, 'no longer overloaded')
    else log.warn({ code: 'overloaded', cause, heldBytes }, 'overloaded, answering 503')
  }

  function reserve(bytes: number): boolean {
    if (heldBytes + bytes > maxHeldBytes) {
      refused.memory += 1
      return false
    }
    heldBytes += bytes
    return true
  }

  return {
    /** Whether a new request may start. False while the event loop is overloaded. */
    mayBegin: (): boolean => {
      if (overload.cause() !== 'event_loop') return true
      refused.event_loop += 1
      return false
    },
    /** Reserves memory for a request with a body of this length. False: no memory left, nothing reserved. */
    hold: (bodyBytes: number): boolean => reserve(requestBytes + Math.min(bodyBytes, maxBodyBytes)),
    /** Frees the memory of a request that was answered or aborted. Call it once per `hold`, with the current length. */
    release: (bodyBytes: number): void => {
      heldBytes -= requestBytes + Math.min(bodyBytes, maxBodyBytes)
    },
    /** Reserves memory for what a request unpacks, in steps. Release it when the events are stored or refused. */
    unpacking: (): UnpackingMemory => {
      let unpackedBytes = 0
      let isRefused = false
      return {
        hold: (bytes) => {
          isRefused = !reserve(bytes)
          if (!isRefused) unpackedBytes += bytes
          return !isRefused
        },
        isRefused: () => isRefused,
        release: () => {
          heldBytes -= unpackedBytes
          unpackedBytes = 0
        },
      }
    },
    /** Reduces a reservation to the real length of the body. */
    shrink: (fromBytes: number, toBytes: number): void => {
      heldBytes -= Math.min(fromBytes, maxBodyBytes) - Math.min(toBytes, maxBodyBytes)
    },
    status: (): PressureStatus => ({
      cause: overload.cause(),
      heldBytes,
      maxHeldBytes,
      refused: { ...refused },
    }),
    /** Starts the event loop timer. */
    start: (): void => {
      if (timer === undefined) scheduleTick()
    },
    /** Stops it. Idempotent. */
    stop: (): void => clearTimeout(timer),
  }
}

export interface OverloadOptions {
  /** A tick with a longer delay counts as late. */
  readonly maxLateMs: number
  /** Consecutive late ticks that start an overload. */
  readonly lateTicks: number
  /** Consecutive ticks without delay or refusal that end it. */
  readonly quietTicks: number
}

/**
 * Detects overload from the ticks of a timer. Pure: the caller owns the timer. One pause, however long, makes only one tick late: a garbage collection, a slow disk, a suspended machine. Several late
 * ticks in a row mean that more requests arrive than the service can answer in time.
 */
export function createOverload({ maxLateMs, lateTicks, quietTicks }: OverloadOptions) {
  let late = 0
  let quiet = 0
  let cause: OverloadCause | undefined
  return {
    /** The timer fired `lateMs` late. `refusedForMemory`: requests refused since the last tick. */
    tick: (lateMs: number, refusedForMemory: number): void => {
      late = lateMs > maxLateMs ? late + 1 : 0
      quiet = late === 0 && refusedForMemory === 0 ? quiet + 1 : 0
      if (late >= lateTicks) cause = 'event_loop'
      else if (refusedForMemory > 0) cause ??= 'memory'
      else if (quiet >= quietTicks) cause = undefined
    },
    /** Undefined: not overloaded. */
    cause: () => cause,
  }
}
