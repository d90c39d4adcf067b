import { setTimeout as delay } from 'node:timers/promises'
import type { CallFailure, NotificationsApi } from '../genesys/notifications.ts'
import type { Intake } from '../ingest/intake.ts'
import { backoff, type Random } from '../timing/backoff.ts'
import { createBell } from '../timing/wake-signal.ts'
import type { BufferBounds } from './buffer.ts'
import { createFeeder } from './buffered-intake.ts'
import type { Message } from './message.ts'
import { findQueues } from './queues.ts'
import { createRejections } from './rejections.ts'
import type { Connect } from './socket.ts'
import type { MessageKind, NotificationsLog, NotificationsStatus, Problem } from './status.ts'
import { createLine, type Line } from './subscription.ts'
import { createKeeper, type Keeper } from './supervisor.ts'
import { genesysTiming, type Timing } from './timing.ts'
import { channelsFor, planChannels, queueTopic } from './topics.ts'
import { codeOf, troubleOf } from './trouble.ts'

/** Genesys Cloud's notification websocket as a source of events. */
export interface Notifications {
  /** Begins to listen; what fails is tried again for as long as it takes. */
  start(): void
  status(): NotificationsStatus
  /** Hears no more, and stores what was heard; what takes longer than the grace is left. Idempotent. */
  stop(graceMs: number): Promise<void>
}

export interface NotificationsDeps {
  /** Full topics. */
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
  /** Default: what fits Genesys Cloud. */
  readonly timing?: Timing
  /** Of what arrived and is not stored yet. */
  readonly bounds?: BufferBounds
}

export function createNotifications(deps: NotificationsDeps): Notifications {
  const { api, log, now, monotonic, random, timing = genesysTiming } = deps
  const messages: Record<MessageKind, number> = { event: 0, heartbeat: 0, closing: 0, unreadable: 0 }
  const bell = createBell()
  let topics = deps.topics
  let lines: readonly Line[] = []
  let keeper: Keeper | undefined
  let unknownQueues: readonly Problem[] = []
  let lookupFailure: CallFailure | undefined
  let lastMessageAt: number | undefined
  let overflowing = false
  let preparing: Promise<void> | undefined
  let stopping: Promise<void> | undefined

  const rejections = createRejections({ log, now, monotonic })
  const feeder = createFeeder({
    ...deps,
    rejections,
    onEmpty: () => {
      if (!overflowing) return
      overflowing = false
      keeper?.release()
    },
  })

  function receive(message: Message, bytes: number): void {
    messages[message.kind] += 1
    if (message.kind === 'unreadable') log.warn({ code: 'invalid_json' }, 'a notification could not be read')
    if (message.kind !== 'event') return
    lastMessageAt = now()
    if (feeder.push({ item: message.item, bytes }) || overflowing) return
    overflowing = true
    const what = 'too many notifications are buffered: nothing is heard until they are stored'
    log.error({ code: feeder.trouble() ?? 'notifications_down' }, what)
    keeper?.hold()
  }

  async function prepare(): Promise<void> {
    const wantedSince = monotonic()
    const found = await findQueues(deps.queues, { findQueues: api.findQueues, again: waitAfter })
    if (stopping !== undefined) return
    lookupFailure = undefined
    unknownQueues = found.problems
    for (const { code, subject, detail } of unknownQueues)
      log.error({ code, queue: subject, cause: detail }, 'queue not found: nothing is heard of it')
    topics = [...new Set([...deps.topics, ...found.ids.map(queueTopic)])]
    const common = { ...deps, timing, wantedSince, onMessage: receive, onChange: () => keeper?.look() }
    lines = planChannels(topics).map((some) => createLine({ ...common, topics: some }))
    keeper = createKeeper({ lines, log, monotonic })
    keeper.start()
  }

  let failures = 0
  async function waitAfter(failure: CallFailure): Promise<boolean> {
    if (stopping !== undefined) return false
    lookupFailure = failure
    failures += 1
    const { firstRetryMs: firstMs, slowestRetryMs: slowestMs } = timing
    const { why, cause, retryAfterMs = 0 } = failure
    const waitMs = Math.max(retryAfterMs, backoff({ attempts: failures, firstMs, slowestMs, random }))
    log.warn({ code: codeOf(why), why, cause, waitMs }, 'queues could not be looked up: again later')
    await bell.wait(waitMs)
    return stopping === undefined
  }

  function status(): NotificationsStatus {
    const states = lines.map((line) => line.state())
    const total = (of: (state: (typeof states)[number]) => number): number =>
      states.reduce((sum, state) => sum + of(state), 0)
    const channels = keeper === undefined ? channelsFor(topics.length + deps.queues.length) : lines.length
    const refused = states
      .flatMap(({ refusals }) => refusals)
      .map(({ topic, reason }): Problem => ({ code: 'topic_refused', subject: topic, detail: reason }))
    const problems = [...unknownQueues, ...refused]
    const overflow = overflowing ? (feeder.trouble() ?? 'notifications_down') : undefined
    return {
      channels,
      connected: total(({ connected }) => (connected ? 1 : 0)),
      topics: topics.length,
      lastMessageAt,
      messages: { ...messages },
      rejected: rejections.count,
      lastRejected: rejections.last,
      reconnects: total(({ reconnects }) => reconnects),
      renewals: total(({ renewals }) => renewals),
      gapMs: total(({ gapMs }) => gapMs),
      trouble: troubleOf({ lines: states, channels, lookupFailure, overflow, problems }),
      problems,
    }
  }

  async function close(graceMs: number): Promise<void> {
    bell.ring()
    const grace = new AbortController()
    // A call under way may take its time; who made the API's client ends it.
    const over = delay(graceMs, undefined, { signal: grace.signal }).catch(() => undefined)
    await Promise.race([over, Promise.all([preparing, keeper?.stop()])])
    await Promise.race([over, feeder.stop()])
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
