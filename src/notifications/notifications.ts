import type { CallFailure, NotificationsApi } from '../genesys/notifications.ts'
import type { Intake } from '../ingest/intake.ts'
import { backoff, type Random } from '../timing/backoff.ts'
import { pause } from '../timing/pause.ts'
import { createWakeSignal } from '../timing/wake-signal.ts'
import { type BufferBounds, createBufferedIntake } from './buffered-intake.ts'
import { genesysTiming, type Timing } from './channel.ts'
import { createRejections } from './rejections.ts'
import type { Connect, Message } from './socket.ts'
import { codeOf, failureOf, type NotificationsLog, type NotificationsStatus, type Problem } from './status.ts'
import { createSubscription, type Subscription } from './subscription.ts'
import { createSupervisor, type Supervisor } from './supervisor.ts'
import { channelsFor, findQueues, planChannels, queueTopic } from './topics.ts'

/** Genesys Cloud's notification websocket as a source of events. */
export interface Notifications {
  /** Starts listening; failures are retried until they succeed. */
  start(): void
  status(): NotificationsStatus
  /** Closes the sockets and stores the buffered messages within the grace. Idempotent. */
  stop(graceMs: number): Promise<void>
}

export interface NotificationsDeps {
  /** Full topic names. */
  readonly topics: readonly string[]
  /** Names or ids. */
  readonly queues: readonly string[]
  readonly api: NotificationsApi
  readonly connect: Connect
  readonly accept: Intake
  readonly log: NotificationsLog
  /** Epoch ms. */
  readonly now: () => number
  /** Ms that never jump. */
  readonly monotonic: () => number
  readonly random: Random
  /** Default: values that fit Genesys Cloud. */
  readonly timing?: Timing
  /** Of messages that are not stored yet. */
  readonly bounds?: BufferBounds
}

export function createNotifications(deps: NotificationsDeps): Notifications {
  const { api, log, now, monotonic, random, timing = genesysTiming } = deps
  const messages: Record<Message['kind'], number> = { event: 0, heartbeat: 0, closing: 0, unreadable: 0 }
  const signal = createWakeSignal()
  let topics = deps.topics
  let subscriptions: readonly Subscription[] = []
  let supervisor: Supervisor | undefined
  let unknownQueues: readonly Problem[] = []
  let lookupFailure: CallFailure | undefined
  let lastMessageAt: number | undefined
  let overflowing = false
  let preparing: Promise<void> | undefined
  let stopping: Promise<void> | undefined

  const rejections = createRejections({ log, now, monotonic })
  const intake = createBufferedIntake({
    ...deps,
    rejections,
    onEmpty: () => {
      if (!overflowing) return
      overflowing = false
      supervisor?.release()
    },
  })

  function receive(message: Message, bytes: number): void {
    messages[message.kind] += 1
    if (message.kind === 'unreadable') log.warn({ code: 'invalid_json' }, 'notification unreadable')
    if (message.kind !== 'event') return
    lastMessageAt = now()
    if (intake.push({ item: message.item, bytes }) || overflowing) return
    overflowing = true
    const what = 'notification buffer full, sockets closed until it is stored'
    log.error({ code: intake.failure() ?? 'notifications_down' }, what)
    supervisor?.hold()
  }

  async function prepare(): Promise<void> {
    const wantedSince = monotonic()
    const found = await findQueues(deps.queues, { findQueues: api.findQueues, retry: waitAfter })
    if (stopping !== undefined) return
    lookupFailure = undefined
    unknownQueues = found.problems
    for (const { code, subject, detail } of unknownQueues)
      log.error({ code, queue: subject, cause: detail }, 'queue not found, not subscribed')
    topics = [...new Set([...deps.topics, ...found.ids.map(queueTopic)])]
    const common = { ...deps, timing, wantedSince, onMessage: receive, onChange: () => supervisor?.look() }
    subscriptions = planChannels(topics).map((some) => createSubscription({ ...common, topics: some }))
    supervisor = createSupervisor({ subscriptions, log, monotonic })
    supervisor.start()
  }

  let failures = 0
  async function waitAfter(failure: CallFailure): Promise<boolean> {
    if (stopping !== undefined) return false
    lookupFailure = failure
    failures += 1
    const { firstRetryMs: firstMs, slowestRetryMs: slowestMs } = timing
    const { why, cause, retryAfterMs = 0 } = failure
    const waitMs = Math.max(retryAfterMs, backoff({ attempts: failures, firstMs, slowestMs, random }))
    log.warn({ code: codeOf(why), why, cause, waitMs }, 'queue lookup failed, retrying')
    await signal.wait(waitMs)
    return stopping === undefined
  }

  function status(): NotificationsStatus {
    const states = subscriptions.map((subscription) => subscription.state())
    const total = (of: (state: (typeof states)[number]) => number): number =>
      states.reduce((sum, state) => sum + of(state), 0)
    const channels =
      supervisor === undefined ? channelsFor(topics.length + deps.queues.length) : subscriptions.length
    const refused = states
      .flatMap(({ refusals }) => refusals)
      .map(({ topic, reason }): Problem => ({ code: 'topic_refused', subject: topic, detail: reason }))
    const problems = [...unknownQueues, ...refused]
    const rejected = rejections.state()
    const overflow = overflowing ? (intake.failure() ?? 'notifications_down') : undefined
    return {
      channels,
      connected: total(({ connected }) => (connected ? 1 : 0)),
      topics: topics.length,
      lastMessageAt,
      messages: { ...messages },
      rejected: rejected.count,
      lastRejected: rejected.last,
      reconnects: total(({ reconnects }) => reconnects),
      renewals: total(({ renewals }) => renewals),
      gapMs: total(({ gapMs }) => gapMs),
      failure: failureOf({ subscriptions: states, channels, lookupFailure, overflow, problems }),
      problems,
    }
  }

  async function close(graceMs: number): Promise<void> {
    signal.wake()
    const grace = new AbortController()
    // A call under way may take longer; the owner of the API client aborts it.
    const graceOver = pause(graceMs, grace.signal)
    await Promise.race([graceOver, Promise.all([preparing, supervisor?.stop()])])
    await Promise.race([graceOver, intake.stop()])
    grace.abort()
  }

  return {
    start: () => {
      if (stopping === undefined) preparing ??= prepare()
    },
    status,
    stop: (graceMs) => {
      stopping ??= close(graceMs)
      return stopping
    },
  }
}
