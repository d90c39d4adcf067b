import type { Answer } from '../genesys/classify.ts'
import type { DeliveryPause, ParticipantKey } from '../inbox/inbox.ts'
import type { Random } from '../timing/backoff.ts'
import { type CircuitReason, createCircuitBreaker } from '../timing/circuit-breaker.ts'
import { createPauseGate } from './pause-gate.ts'

export interface DeliveryState {
  /** `paused`: after a 429, or by an operator. */
  readonly state: 'running' | 'paused' | 'open'
  /** Epoch ms; present while paused after a 429. */
  readonly pausedUntil: number | undefined
  /** Present while an operator has paused delivery, which comes before any other state. */
  readonly operatorPause?: DeliveryPause
  /** Present while open, and while running if the last calls all failed; `cause`: how the last one failed, if so. */
  readonly reason: CircuitReason | undefined
  readonly cause?: string
  /** Epoch ms; present while open: since when, and the earliest time of the next call. */
  readonly openSince?: number
  readonly nextTryAt?: number
  /** Delivery is stuck, and a new limiter did not help: a restart of the process should. */
  readonly wedged: boolean
  /** How often the watchdog replaced the limiter. */
  readonly rebuilds: number
}

/** The part of the state that an operator's pause sets. */
export const pausedBy = (
  operatorPause: DeliveryPause | undefined,
): Pick<DeliveryState, 'state' | 'operatorPause'> | undefined =>
  operatorPause && { state: 'paused', operatorPause }

export interface DeliveryLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface CallControlDeps {
  readonly log: DeliveryLog
  /** Used for a 429 with neither Retry-After nor a reset header. */
  readonly defaultPauseMs: number
  readonly random: Random
}

/** The pause gate and the circuit breaker, which hold for all calls. The caller passes all times (epoch ms). */
export interface CallControl {
  /** Applies the answer to a call for this participant. */
  apply(answer: Answer, key: ParticipantKey, at: number): void
  /** How many calls may be under way: fewer after a pause, one to probe a failing API, none while paused or open. */
  limit(at: number, maxInFlight: number): number
  /** When the pause ends, if there is one, and when the circuit breaker allows its probe, if it is open. */
  risesAt(at: number): { readonly pausedUntil: number | undefined; readonly probeAt: number | undefined }
  state(at: number): Omit<DeliveryState, 'wedged' | 'rebuilds' | 'operatorPause'>
}

/** One participant whose calls always fail must not stop the others. */
const participantsToOpen = 2

export function createCallControl({ log, defaultPauseMs, random }: CallControlDeps): CallControl {
  const gate = createPauseGate(random)
  const circuit = createCircuitBreaker({ keysToOpen: participantsToOpen, random })
  let lastCause: string | undefined
  return {
    apply: (answer, key, at) => {
      if (answer.kind === 'rate_limited') {
        const { retryAfterMs = defaultPauseMs } = answer
        const { end, clamped } = gate.pause(at + retryAfterMs, at)
        log.warn(
          {
            code: 'rate_limited',
            retryAfterMs,
            until: new Date(end).toISOString(),
            ...(clamped && { clamped }),
          },
          'rate limited, all calls paused',
        )
      } else if (answer.kind === 'credentials_refused') {
        circuit.refused(at)
        log.error({ code: answer.kind }, 'OAuth client refused, delivery stopped, events stay pending')
      } else if (answer.kind === 'unavailable') {
        lastCause = answer.cause
        const before = circuit.open()
        circuit.failed(at, `${key.conversationId}/${key.participantId}`, answer.retryAfterMs)
        if (before === undefined && circuit.open() !== undefined)
          log.error(
            { code: 'api_unavailable', cause: answer.cause },
            'API calls fail repeatedly, delivery stopped, events stay pending',
          )
      } else if (answer.kind !== 'token_expired') {
        if (circuit.open() !== undefined) log.warn({}, 'API available again, delivery continues')
        circuit.succeeded()
        gate.succeeded(at)
      }
    },
    limit: (at, maxInFlight) => Math.min(gate.limit(at, maxInFlight), circuit.limit(at, maxInFlight)),
    risesAt: (at) => ({ pausedUntil: gate.pauseEnd(at), probeAt: circuit.open()?.probeAt }),
    state: (at) => {
      const open = circuit.open()
      const pausedUntil = gate.pauseEnd(at)
      const reason = open?.reason ?? (circuit.isFailing() ? 'api_unavailable' : undefined)
      return {
        state: open ? 'open' : pausedUntil === undefined ? 'running' : 'paused',
        pausedUntil,
        reason,
        ...(open && { openSince: open.since, nextTryAt: open.probeAt }),
        ...(reason === 'api_unavailable' && lastCause !== undefined && { cause: lastCause }),
      }
    },
  }
}
