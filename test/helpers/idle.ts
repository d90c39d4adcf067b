import type { AdminStatus } from '../../src/cli/admin/answers.ts'
import type { InboxStats } from '../../src/inbox/inbox.ts'
import { createTotals } from '../../src/metrics/totals.ts'

/** The counts of an empty inbox. */
export const emptyStats: InboxStats = {
  pending: 0,
  replayed: 0,
  inFlight: 0,
  dead: 0,
  oldestAcceptedAt: undefined,
  oldestReplayedAt: undefined,
}

/** What `GET /admin/status` answers of a service without events. */
export const idleStatus: AdminStatus = {
  inbox: {
    pending: 0,
    replayed: 0,
    inFlight: 0,
    dead: 0,
    oldestPendingMs: null,
    oldestLiveMs: null,
    oldestReplayedMs: null,
  },
  delivery: {
    state: 'running',
    pausedUntil: null,
    pausedBy: null,
    pausedSince: null,
    reason: null,
    openSince: null,
    nextTryAt: null,
    waitsFor: null,
    waitsUntil: null,
    budget: { allowed: 300, remaining: 300, own: 0, others: 0, reserved: 0, resetAt: null, assumed: true },
  },
  ages: { eventMaxAgeMs: 86_400_000, retentionMs: 604_800_000 },
  totals: { ...createTotals() },
  failures: { dead: [], undecided: [] },
  nodes: [],
}
