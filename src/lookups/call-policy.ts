import type { Random } from '../timing/backoff.ts'
import { createCircuitBreaker } from '../timing/circuit-breaker.ts'

export interface CallPolicyOptions {
  /** Maximum number of parallel calls. For each, `maxWaitingPerSlot` further calls may wait; more are refused. */
  readonly concurrency: number
  /** Ms of a clock that never jumps. */
  readonly monotonic: () => number
  readonly random: Random
}

/** `broken`: the API fails as a whole, not only for one key. */
interface CallResult {
  readonly broken: boolean
}

/** The call was not made. */
export interface Refusal {
  readonly kind: 'refused'
  readonly cause: 'breaker_open' | 'queue_full'
}

/** Enough for a burst of events, and few enough that a slow API does not collect waiting events in memory. */
export const maxWaitingPerSlot = 20

/** Limits the parallel calls of one API, and stops calling while it fails. `call` must not reject. */
export type CallPolicy = <T extends CallResult>(call: () => Promise<T>) => Promise<T | Refusal>

export function createCallPolicy({ concurrency, monotonic, random }: CallPolicyOptions): CallPolicy {
  // One key for all calls, because `broken` already says that the API as a whole fails.
  const circuit = createCircuitBreaker({ keysToOpen: 1, random })
  let probe: Promise<CallResult> | undefined
  let underWay = 0
  /** Resolvers of calls that wait. A call that ends passes its slot on, so `underWay` does not change. */
  const waiting: (() => void)[] = []

  /** While a probe is under way, other calls wait for its result. */
  async function callUnlessOpen<T extends CallResult>(call: () => Promise<T>): Promise<T | Refusal> {
    // A loop, because another call that waited may have become the next probe.
    while (probe !== undefined) await probe
    if (circuit.limit(monotonic(), 1) === 0) return { kind: 'refused', cause: 'breaker_open' }
    const isProbe = circuit.open() !== undefined
    const calling = call()
    if (isProbe) probe = calling
    const outcome = await calling
    if (isProbe) probe = undefined
    const beganBeforeOpening = !isProbe && circuit.open() !== undefined
    if (beganBeforeOpening) return outcome
    if (outcome.broken) circuit.failed(monotonic(), 'api')
    else circuit.succeeded()
    return outcome
  }

  return async (call) => {
    if (underWay < concurrency) underWay += 1
    else if (waiting.length < concurrency * maxWaitingPerSlot)
      await new Promise<void>((resolve) => waiting.push(resolve))
    else return { kind: 'refused', cause: 'queue_full' }
    try {
      // If the circuit opens, the calls that wait for a slot are refused too.
      return await callUnlessOpen(call)
    } finally {
      const next = waiting.shift()
      if (next === undefined) underWay -= 1
      else next()
    }
  }
}
