import type { Nodes } from '../inbox/inbox.ts'
import type { DeliveryState } from './delivery-state.ts'
import type { BudgetSnapshot } from './rate-budget.ts'

interface SuccessorHoldDeps {
  readonly nodes: Pick<Nodes, 'holdSuccessor'>
  readonly budget: () => Pick<BudgetSnapshot, 'remaining' | 'resetAt'>
  readonly pausedUntil: () => DeliveryState['pausedUntil']
  readonly maxInFlight: number
  /** Epoch ms that never jump. */
  readonly monotonic: () => number
}

/**
 * A node that takes over knows nothing of the calls of the one before, and its first call must not get a 429. So the node that delivers
 * tells when the first call of a successor may be: after a pause, and after the end of a window that is nearly spent. Nearly, because
 * calls in flight are known to the server only. Returns a function to call after each answer.
 */
export function createSuccessorHold(deps: SuccessorHoldDeps): () => void {
  let told = 0
  return () => {
    const { remaining, resetAt } = deps.budget()
    const until = Math.max(deps.pausedUntil() ?? 0, remaining <= deps.maxInFlight ? (resetAt ?? 0) : 0)
    const at = deps.monotonic()
    if (until <= Math.max(told, at)) return
    told = until
    deps.nodes.holdSuccessor(until - at)
  }
}
