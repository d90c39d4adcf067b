import type { CircuitBreaker, CircuitReason } from './circuit-breaker.ts'
import type { PauseGate } from './pause-gate.ts'

export interface DeliveryState {
  readonly state: 'running' | 'paused' | 'open'
  /** Epoch ms; present while paused. */
  readonly pausedUntil: number | undefined
  /** Present while open, and while running if the last calls all failed; `cause`: how the last one failed, if so. */
  readonly reason: CircuitReason | undefined
  readonly cause?: string
  /** Delivery is stuck and a new limiter did not help: only a restart of the process does. */
  readonly wedged: boolean
  /** How often the watchdog replaced the limiter. */
  readonly rebuilds: number
}

export interface DeliveryStateInput extends Pick<DeliveryState, 'wedged' | 'rebuilds'> {
  readonly circuit: Pick<CircuitBreaker, 'open' | 'isFailing'>
  readonly gate: Pick<PauseGate, 'pausedUntil'>
  /** Epoch ms. */
  readonly at: number
  /** How the last call failed that the API did not answer. */
  readonly lastCause: string | undefined
}

/** Pure. */
export function deliveryState({
  circuit,
  gate,
  at,
  lastCause,
  ...counts
}: DeliveryStateInput): DeliveryState {
  const open = circuit.open()
  const pausedUntil = gate.pausedUntil(at)
  const reason = open?.reason ?? (circuit.isFailing() ? 'api_unavailable' : undefined)
  return {
    state: open ? 'open' : pausedUntil === undefined ? 'running' : 'paused',
    pausedUntil,
    reason,
    ...(reason === 'api_unavailable' && lastCause !== undefined && { cause: lastCause }),
    ...counts,
  }
}
