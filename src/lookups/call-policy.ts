import {
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhenResult,
  isBrokenCircuitError,
  isBulkheadRejectedError,
} from 'cockatiel'

export type BreakerState = 'closed' | 'open' | 'half_open'

export interface CallPolicyOptions {
  /** Parallel calls; `waitingPerCall` times as many may wait. */
  readonly concurrency: number
  /** In [0, 1), like Math.random. */
  readonly random: () => number
  readonly onBreaker: (state: BreakerState) => void
}

/** Limits parallel calls, and stops calling while the API fails. */
export interface CallPolicy {
  run<T extends Outcome>(call: () => Promise<T>): Promise<T | Refusal>
  breaker(): BreakerState
  underWay(): number
  waiting(): number
}

/** `broken`: the API fails as a whole, not only for one key. */
interface Outcome {
  readonly broken: boolean
}

/** The call was not made. */
export interface Refusal {
  readonly kind: 'refused'
  readonly cause: 'breaker_open' | 'queue_full'
}

export const waitingPerCall = 20
const failuresToOpen = 5
const firstProbeMs = 1_000
const slowestProbeMs = 30_000

const isBroken = (result: unknown): boolean =>
  typeof result === 'object' && result !== null && 'broken' in result && result.broken === true

/** The breaker uses the wall clock: the library reads it itself. */
export function createCallPolicy({ concurrency, random, onBreaker }: CallPolicyOptions): CallPolicy {
  const slots = bulkhead(concurrency, concurrency * waitingPerCall)
  const breaker = circuitBreaker(handleWhenResult(isBroken), {
    breaker: new ConsecutiveBreaker(failuresToOpen),
    // Half of the delay is jitter, so that processes that share an API do not probe it together.
    halfOpenAfter: new DelegateBackoff(({ attempt }) => {
      const ceiling = Math.min(slowestProbeMs, firstProbeMs * 2 ** Math.min(attempt - 1, 30))
      return ceiling / 2 + (random() * ceiling) / 2
    }),
  })
  breaker.onStateChange((state) => onBreaker(nameOf(state)))
  return {
    // The breaker is inside the bulkhead: if it opens, the calls that wait for a slot fail without being made.
    run: async (call) => {
      try {
        return await slots.execute(() => breaker.execute(call))
      } catch (error) {
        if (isBrokenCircuitError(error)) return { kind: 'refused', cause: 'breaker_open' }
        if (isBulkheadRejectedError(error)) return { kind: 'refused', cause: 'queue_full' }
        throw error
      }
    },
    breaker: () => nameOf(breaker.state),
    underWay: () => concurrency - slots.executionSlots,
    waiting: () => concurrency * waitingPerCall - slots.queueSlots,
  }
}

function nameOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed'
  return state === CircuitState.HalfOpen ? 'half_open' : 'open'
}
