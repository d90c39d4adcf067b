import { version } from '../config/version.ts'
import type { DeliveryState } from '../deliver/delivery-state.ts'
import { errorCatalogue, systemCodeOf } from '../errors.ts'
import { type DeliveryPause, type Durability, type Inbox, InboxUnavailableError } from '../inbox/inbox.ts'
import type { PressureStatus } from '../ingest/pressure.ts'
import type { NotificationsStatus } from '../notifications/status.ts'
import type { RulesStatus } from '../rules/rules-in-force.ts'
import type { QueueStatus } from '../sqs/status.ts'
import type { Check } from './health-check.ts'
import { describeNodes } from './nodes-check.ts'
import { describeQueue } from './queue-check.ts'

export interface HealthDeps {
  readonly inbox: Inbox
  readonly maxPending: number
  readonly deliveryState: () => DeliveryState
  /** `/health` shows that no attributes are set. */
  readonly dryRun?: boolean
  readonly rules: () => RulesStatus
  /** Absent if the service opens no notification websockets. */
  readonly notifications?: (() => NotificationsStatus) | undefined
  /** Absent if the service takes no events from Amazon SQS. */
  readonly sqs?: (() => QueueStatus) | undefined
  readonly pressure: () => PressureStatus
  readonly now: () => number
  readonly lifecycle: () => 'starting' | 'running' | 'draining'
}

/** What `/health` answers. */
export interface HealthAnswer {
  readonly status: 'ok' | 'degraded' | 'unavailable'
  readonly version: string
  readonly checks: Readonly<Record<string, Check>>
}

export interface HealthReport {
  /** `false`: delivery is stuck, and a restart of the process should help. */
  alive(): boolean
  started(): boolean
  /** The checks that decide whether the service may receive events. */
  receiving(): Promise<Readonly<Record<'lifecycle' | 'load' | 'store' | 'inbox', Check>>>
  /** All checks. Never calls Genesys Cloud. */
  read(): Promise<HealthAnswer>
}

/** The most subscription problems to list; the first ones show the cause. */
const maxProblems = 20

const unknown: Check = { ok: false, reason: 'unknown while the inbox fails' }

function describeStoreFailure(error: unknown): Check {
  const { title } = errorCatalogue.store_unavailable
  if (error instanceof InboxUnavailableError) {
    const { cause, remedy } = error.why
    return { ok: false, reason: `${title}: ${cause}. ${remedy}`, code: 'store_unavailable', cause, remedy }
  }
  return { ok: false, reason: `${title} (${systemCodeOf(error, 'unknown')})` }
}

/** Checks every part of the service. */
export function createHealthReport(deps: HealthDeps): HealthReport {
  const { inbox, maxPending, lifecycle } = deps

  async function receiving(): Promise<Readonly<Record<'lifecycle' | 'load' | 'store' | 'inbox', Check>>> {
    const stage = lifecycle()
    const running: Check = stage === 'running' ? { ok: true } : { ok: false, reason: stage }
    try {
      await inbox.checkWritable()
      return { lifecycle: running, load: load(), store: { ok: true, ...durable() }, inbox: await room() }
    } catch (error) {
      const store = describeStoreFailure(error)
      return { lifecycle: running, load: load(), store, inbox: await room().catch(() => unknown) }
    }
  }

  function durable(): { readonly durability?: Durability } {
    const durability = inbox.durability?.()
    return durability === undefined ? {} : { durability }
  }

  async function room(): Promise<Check> {
    const { pending, replayed } = await inbox.stats()
    const full = pending - replayed >= maxPending
    return { ok: !full, pending, maxPending, ...(full && { reason: errorCatalogue.inbox_full.title }) }
  }

  function load(): Check {
    const { cause, heldBytes, maxHeldBytes } = deps.pressure()
    const reason = errorCatalogue.overloaded.title
    const ok = cause === undefined
    return { ok, heldBytes, maxHeldBytes, ...(!ok && { code: 'overloaded', cause, reason }) }
  }

  function delivery(): Check {
    const { state, pausedUntil, reason, cause, operatorPause } = deps.deliveryState()
    if (operatorPause !== undefined) return pausedByOperator(operatorPause)
    const entry = reason === undefined ? undefined : errorCatalogue[reason]
    return {
      ok: reason === undefined,
      state,
      ...(deps.dryRun === true && { dryRun: true, reason: 'DRY_RUN=true: no attributes are set' }),
      ...(pausedUntil !== undefined && {
        pausedUntil: new Date(pausedUntil).toISOString(),
        code: 'rate_limited',
      }),
      ...(entry !== undefined && { code: reason, reason: entry.title, remedy: entry.remedy }),
      ...(cause !== undefined && { cause }),
    }
  }

  function pausedByOperator({ since, reason }: DeliveryPause): Check {
    const { title, remedy } = errorCatalogue.paused_by_operator
    return {
      ok: false,
      state: 'paused',
      code: 'paused_by_operator',
      reason: reason === undefined ? title : `${title}: ${reason}`,
      since: new Date(since).toISOString(),
      remedy,
    }
  }

  function rules(): Check {
    const { version, rules: count, loadedAt, stale } = deps.rules()
    const { title, remedy } = errorCatalogue.rules_invalid
    const ageSeconds = Math.max(0, Math.round((deps.now() - loadedAt) / 1_000))
    return {
      ok: !stale,
      version,
      rules: count,
      ageSeconds,
      ...(stale && { code: 'rules_invalid', reason: title, remedy }),
    }
  }

  function notifications(): { readonly notifications?: Check } {
    if (deps.notifications === undefined) return {}
    const { channels, connected, topics, reconnects, gapMs, ...status } = deps.notifications()
    const { lastMessageAt: at, failure, problems, rejected, lastRejected } = status
    const entry = failure && errorCatalogue[failure.code]
    const check: Check = {
      ok: failure === undefined,
      channels,
      connected,
      topics,
      reconnects,
      gapSeconds: Math.round(gapMs / 1_000),
      rejected,
      ...(lastRejected && {
        lastRejected: { ...lastRejected, at: new Date(lastRejected.at).toISOString() },
      }),
      ...(at !== undefined && { lastMessageAgeSeconds: Math.max(0, Math.round((deps.now() - at) / 1_000)) }),
      ...(entry && { code: failure.code, cause: failure.cause, reason: entry.title, remedy: entry.remedy }),
      ...(problems.length > 0 && { problems: problems.slice(0, maxProblems) }),
    }
    return { notifications: check }
  }

  return {
    alive: () => !deps.deliveryState().wedged,
    started: () => lifecycle() !== 'starting',
    receiving,
    read: async () => {
      const received = await receiving()
      const ready = Object.values(received).every(({ ok }) => ok)
      const queue = deps.sqs && { sqs: describeQueue(deps.sqs(), deps.now()) }
      const nodes = describeNodes(inbox.nodes?.list() ?? [])
      const shared = nodes && { nodes }
      const processing = { ...notifications(), ...queue, ...shared, rules: rules(), delivery: delivery() }
      const healthy = Object.values(processing).every(({ ok }) => ok)
      const status = ready ? (healthy ? 'ok' : 'degraded') : 'unavailable'
      return { status, version, checks: { ...received, ...processing } }
    },
  }
}
