import { createOverload, type OverloadCause } from './overload.ts'

/** How much senders ask of this process at once, and what is too much. */
export interface Pressure {
  /** Whether another request may begin: not while answers come too late. */
  mayBegin(): boolean
  /** Whether there is room in memory for a request with a body of that length; then it counts until it is released. */
  hold(bodyBytes: number): boolean
  /** The request is answered or gone. To be called once for each that was held, with the same length. */
  release(bodyBytes: number): void
  /** A body that was held as longer than it turned out to be. */
  shrink(fromBytes: number, toBytes: number): void
  status(): PressureStatus
  /** Begins to watch the event loop. */
  start(): void
  /** Ends that. Idempotent. */
  stop(): void
}

export interface PressureStatus {
  /** Why senders are refused, or were within the last second. */
  readonly cause: OverloadCause | undefined
  /** Of the requests under way. */
  readonly heldBytes: number
  readonly maxHeldBytes: number
  /** Requests that were refused since the start. */
  readonly refused: Readonly<Record<OverloadCause, number>>
}

export interface PressureOptions {
  readonly maxBodyBytes: number
  readonly log: { warn(fields: object, text: string): void; info(fields: object, text: string): void }
  /** Ms, of a clock that is never set. */
  readonly monotonic: () => number
  /** Below: for tests. */
  readonly leastRoomBytes?: number
  readonly maxLateMs?: number
}

const tickMs = 100

/**
 * What waits in memory may hold so much, or four of the largest bodies if that is more. Once parsed, a body takes several
 * times its length.
 */
const defaultRoomBytes = 32 * 1024 * 1024

/** What a request takes besides its body: headers, its objects, its share of the group commit. */
const requestBytes = 4_096

/**
 * A request is answered about two turns of the event loop after it came, and relays wait some seconds for it (EventBridge 5):
 * with turns of a second, senders begin to give up and send again what is stored already.
 */
const defaultMaxLateMs = 1_000

export function createPressure({
  maxBodyBytes,
  log,
  monotonic,
  leastRoomBytes = defaultRoomBytes,
  maxLateMs = defaultMaxLateMs,
}: PressureOptions): Pressure {
  const maxHeldBytes = Math.max(leastRoomBytes, 4 * maxBodyBytes)
  const overload = createOverload({ maxLateMs, lateTicks: 3, quietTicks: 10 })
  const refused = { event_loop: 0, memory: 0 }
  let heldBytes = 0
  let seen = 0
  let timer: NodeJS.Timeout | undefined

  function next(): void {
    const dueAt = monotonic() + tickMs
    timer = setTimeout(() => {
      const before = overload.cause()
      overload.tick(monotonic() - dueAt, refused.memory - seen)
      seen = refused.memory
      tell(before, overload.cause())
      next()
    }, tickMs)
  }

  function tell(before: OverloadCause | undefined, cause: OverloadCause | undefined): void {
    if (cause === before) return
    if (cause === undefined) log.info({ refused }, 'no longer overloaded')
    else log.warn({ code: 'overloaded', cause, heldBytes }, 'overloaded: senders are asked to come back')
  }

  return {
    mayBegin: () => {
      if (overload.cause() !== 'event_loop') return true
      refused.event_loop += 1
      return false
    },
    hold: (bodyBytes) => {
      const bytes = requestBytes + Math.min(bodyBytes, maxBodyBytes)
      if (heldBytes + bytes > maxHeldBytes) {
        refused.memory += 1
        return false
      }
      heldBytes += bytes
      return true
    },
    release: (bodyBytes) => {
      heldBytes -= requestBytes + Math.min(bodyBytes, maxBodyBytes)
    },
    shrink: (fromBytes, toBytes) => {
      heldBytes -= Math.min(fromBytes, maxBodyBytes) - Math.min(toBytes, maxBodyBytes)
    },
    status: () => ({ cause: overload.cause(), heldBytes, maxHeldBytes, refused: { ...refused } }),
    start: () => {
      if (timer === undefined) next()
    },
    stop: () => clearTimeout(timer),
  }
}
