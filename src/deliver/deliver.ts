import { createGenesys, type GenesysOptions } from '../genesys/genesys.ts'
import type { NotificationsApi } from '../genesys/notifications.ts'
import { createConversations } from './conversations.ts'
import { createDispatcher, type Dispatcher, type DispatcherDeps } from './dispatcher.ts'
import { createLimiter } from './limiter.ts'
import { type BudgetSnapshot, createRateBudget, type RateBudgetOptions } from './rate-budget.ts'
import { createSuccessorHold } from './successor-hold.ts'

/** Delivery through one OAuth client, whose token, rate budget, pauses and circuit hold for all its calls. */
export interface Delivery extends Dispatcher {
  budget(): BudgetSnapshot
  /** The notification calls of the same client. */
  readonly notifications: NotificationsApi
  /** Aborts all calls under way. */
  close(): void
}

export interface DeliveryDeps
  extends Pick<
    DispatcherDeps,
    'inbox' | 'rules' | 'report' | 'log' | 'dryRun' | 'operatorPause' | 'tracer' | 'now' | 'random'
  > {
  readonly client: Omit<GenesysOptions, 'maxInFlight' | 'now' | 'mayCall'>
  readonly limits: RateBudgetOptions & Pick<DispatcherDeps, 'maxInFlight' | 'eventMaxAgeMs'>
  /** Epoch ms that never jump. */
  readonly monotonic: () => number
}

/** How long a claim may outlast its slowest call. */
const leaseMarginMs = 30_000

export function createDelivery({ client, limits, monotonic, ...deps }: DeliveryDeps): Delivery {
  const { now } = deps
  const { nodes } = deps.inbox
  const { maxInFlight } = limits
  const mayDeliver = nodes?.mayDeliver
  const genesys = createGenesys({ ...client, maxInFlight, now, mayCall: mayDeliver })
  const budget = createRateBudget(limits)
  const snapshot = () => budget.snapshot(monotonic())
  const pausedUntil = () => dispatcher.state().pausedUntil
  const dispatcher = createDispatcher({
    ...deps,
    ...limits,
    ...(mayDeliver && { mayDeliver }),
    ...(nodes && {
      onJobDone: createSuccessorHold({ nodes, budget: snapshot, pausedUntil, maxInFlight, monotonic }),
    }),
    limiter: createLimiter({ budget, maxInFlight, now: monotonic }),
    conversations: createConversations({ readParticipants: genesys.readParticipants, now }),
    patchAttributes: genesys.patchAttributes,
    leaseMs: 2 * client.requestTimeoutMs + leaseMarginMs,
    defaultPauseMs: limits.rateWindowMs,
    abort: genesys.close,
    monotonic,
  })
  nodes?.onChange((may) => {
    if (may) budget.forget()
    else genesys.abort()
    dispatcher.wake()
  })
  return {
    ...dispatcher,
    stop: async (graceMs) => {
      await dispatcher.stop(graceMs)
      await nodes?.handOver().catch(() => {}) // the right to deliver ends by itself
    },
    budget: snapshot,
    notifications: genesys.notifications,
    close: genesys.close,
  }
}
