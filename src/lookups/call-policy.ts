import type { Random } from '../timing/backoff.ts'
import { createCircuitBreaker } from '../timing/circuit-breaker.ts'

export interface CallPolicyOptions {
  /** Parallel calls; `waitingPerCall` times as many may wait. */
  readonly concurrency: number
  /** A monotonic clock in milliseconds. */
  readonly now: () => number
  readonly random: Random
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

/** Limits the parallel calls of one API, and stops calling while it fails. `call` must not reject. */
export type CallPolicy = <T extends Outcome>(call: () => Promise<T>) => Promise<T | Refusal>

export function createCallPolicy({ concurrency, now, random }: CallPolicyOptions): CallPolicy {
  const circuit = createCircuitBreaker({ keysToOpen: 1, random })
  let probe: Promise<Outcome> | undefined
  let underWay = 0
  /** Each function gives a waiting call the slot of a call that has ended. */
  const waiting: (() => void)[] = []

  /** While a probe is under way, other calls wait for its result. */
  async function unlessOpen<T extends Outcome>(call: () => Promise<T>): Promise<T | Refusal> {
    while (probe !== undefined) await probe
    if (circuit.limit(now(), concurrency) === 0) return { kind: 'refused', cause: 'breaker_open' }
    const isProbe = circuit.open() !== undefined
    const calling = call()
    if (isProbe) probe = calling
    const outcome = await calling
    if (isProbe) probe = undefined
    // The result of a call that began before the circuit opened does not count.
    else if (circuit.open() !== undefined) return outcome
    if (outcome.broken) circuit.failed(now(), 'api')
    else circuit.succeeded()
    return outcome
  }

  return async (call) => {
    if (underWay < concurrency) underWay += 1
    else if (waiting.length < concurrency * waitingPerCall)
      await new Promise<void>((resolve) => waiting.push(resolve))
    else return { kind: 'refused', cause: 'queue_full' }
    try {
      // If the circuit opens, the calls that wait for a slot are refused too.
      return await unlessOpen(call)
    } finally {
      const next = waiting.shift()
      if (next === undefined) underWay -= 1
      else next()
    }
  }
}
