import type { HealthReport } from '../../health/health-report.ts'
import { type AuditTrail, createAuditTrail } from '../audit.ts'
import { readStatus, type StatusDeps } from '../status.ts'
import { createHistory, type History } from './history.ts'
import { createLiveFeed, type LiveFeed, type LiveFeedDeps } from './live-feed.ts'

export interface Live extends Pick<LiveFeed, 'start' | 'stop'>, Pick<History, 'applied'> {
  readonly live: Pick<LiveFeed, 'open'>
  readonly audit: AuditTrail
}

interface LiveDeps extends StatusDeps, Pick<LiveFeedDeps, 'log'> {
  readonly health: Pick<HealthReport, 'read'>
  readonly random: () => number
  /** Absent: no client can connect, so no samples are taken. */
  readonly adminToken: string | undefined
}

/** What a dashboard needs besides single requests: the stream of the state, the last hour, and the last changes by operators. */
export function openLive(deps: LiveDeps): Live {
  const { health, log, now, adminToken } = deps
  const history = createHistory(deps)
  const audit = createAuditTrail(now, () => feed.refresh())
  const status = async () => ({
    at: new Date(now()).toISOString(),
    status: await readStatus(deps).catch(() => null),
    health: await health.read(),
    audit: audit.recent(),
  })
  const feed = createLiveFeed({ history, status, log, now })
  const start = () => {
    if (adminToken !== undefined) feed.start()
  }
  return { live: feed, audit, applied: history.applied, start, stop: feed.stop }
}
