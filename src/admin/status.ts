import type { DeliveryState } from '../deliver/delivery-state.ts'
import type { BudgetSnapshot } from '../deliver/rate-budget.ts'
import { type Inbox, type NodeStatus, oldestAgeStart } from '../inbox/inbox.ts'
import type { UndecidedRules } from '../log/undecided-rules.ts'
import type { Details, Totals } from '../metrics/totals.ts'
import { withoutUndefined } from '../values/without-undefined.ts'
import type { AdminStatus } from './admin-schemas.ts'
import { isoTime } from './event-views.ts'

export interface StatusDeps {
  readonly inbox: Pick<Inbox, 'stats'>
  readonly nodes: () => readonly NodeStatus[]
  readonly deliveryState: () => DeliveryState
  readonly budget: () => BudgetSnapshot
  readonly totals: Readonly<Totals>
  readonly details: Pick<Details, 'dead'>
  /** Most frequent first. */
  readonly undecided: UndecidedRules['counts']
  readonly ages: AdminStatus['ages']
  readonly now: () => number
}

/** Reads the state of inbox and delivery. Rejects while the inbox cannot be read. */
export async function readStatus({ inbox, totals, now, ...deps }: StatusDeps): Promise<AdminStatus> {
  const { pending, replayed, inFlight, dead, ...oldest } = await inbox.stats()
  const at = now()
  const ageOf = (start: number | undefined) => (start === undefined ? null : at - start)
  const { state, pausedUntil, reason, operatorPause, openSince, nextTryAt } = deps.deliveryState()
  const { resetAt, ...budget } = deps.budget()
  const isOpen = state === 'open'
  const waits = state === 'running' && pending > 0 && budget.remaining === 0
  return {
    inbox: {
      pending,
      replayed,
      inFlight,
      dead,
      oldestPendingMs: ageOf(oldestAgeStart(oldest)),
      oldestLiveMs: ageOf(oldest.oldestAcceptedAt),
      oldestReplayedMs: ageOf(oldest.oldestReplayedAt),
    },
    delivery: {
      state,
      pausedUntil: isoTime(operatorPause === undefined ? pausedUntil : undefined),
      pausedBy: operatorPause ? 'operator' : state === 'paused' ? 'rate_limit' : null,
      pausedSince: isoTime(operatorPause?.since),
      reason: operatorPause ? (operatorPause.reason ?? null) : (reason ?? null),
      openSince: isoTime(isOpen ? openSince : undefined),
      nextTryAt: isoTime(isOpen ? nextTryAt : undefined),
      waitsFor: waits ? 'rate_budget' : null,
      waitsUntil: isoTime(waits ? resetAt : undefined),
      budget: { ...budget, resetAt: isoTime(resetAt) },
    },
    ages: deps.ages,
    totals: { ...totals },
    failures: { dead: deadByCode(deps.details), undecided: undecidedByField(deps.undecided()) },
    nodes: deps.nodes().map(({ lastSeenAt, isThis, ...node }) => ({
      ...withoutUndefined(node),
      lastSeenAt: new Date(lastSeenAt).toISOString(),
      answers: isThis,
    })),
  }
}

/** Pairs of rule and field in the status. The metrics count all by rule. */
const maxUndecided = 20

const deadByCode = ({ dead }: Pick<Details, 'dead'>) =>
  [...dead].flatMap(([code, count]) => (count === 0 ? [] : [{ code, count }]))

const undecidedByField = (counts: ReturnType<UndecidedRules['counts']>) =>
  counts.slice(0, maxUndecided).map(({ missing, unusable, ...count }) => ({
    ...count,
    ...(missing && { missing: [...missing] }),
    ...(unusable && { unusable: [...unusable] }),
  }))
