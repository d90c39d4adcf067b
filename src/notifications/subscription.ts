import type { Channel, Refusal } from '../genesys/notifications.ts'
import { backoff, type Random } from '../timing/backoff.ts'
import {
  type ChannelDeps,
  type ChannelFailure,
  type OpenChannel,
  openChannel,
  planRenewal,
  type Timing,
} from './channel.ts'
import { type Message, readMessage, type Socket } from './socket.ts'
import type { NotificationsLog, SubscriptionState } from './status.ts'

/** The topics of one channel, kept subscribed by one channel after the other. Times are monotonic ms. */
export interface Subscription {
  /** When to call `open` next, and whether the subscription is down until then. */
  need(): { readonly down: boolean; readonly dueAt: number }
  /** One attempt to open a socket: the first, or one that replaces a socket that ends soon. */
  open(signal: AbortSignal): Promise<OpenResult>
  /** Closes replaced sockets at once. */
  closeRetired(): Promise<void>
  /** Terminates every socket. */
  cut(): void
  /** Closes every socket with a close frame. */
  close(): Promise<void>
  state(): SubscriptionState
}

export type OpenResult = { readonly kind: 'open' } | (ChannelFailure & { readonly waitMs: number })

export interface SubscriptionDeps extends ChannelDeps {
  readonly topics: readonly string[]
  /** Since when these topics should have been subscribed. */
  readonly wantedSince: number
  readonly timing: Timing
  readonly onMessage: (message: Message, bytes: number) => void
  /** Called when `need` may have changed. */
  readonly onChange: () => void
  readonly log: NotificationsLog
  /** Epoch ms. */
  readonly now: () => number
  readonly random: Random
}

interface Live extends OpenChannel {
  readonly openedAt: number
  readonly renewAt: number
  /** The server announced that it will close the socket. */
  announced: boolean
}

export function createSubscription(deps: SubscriptionDeps): Subscription {
  const { topics, timing, log, monotonic, random } = deps
  const retirement = createRetirement()
  let live: Live | undefined
  let spare: Channel | undefined
  let downSince: number | undefined = deps.wantedSince
  let notBefore = 0
  let failures = 0
  let refusals: readonly Refusal[] = []
  let failure: SubscriptionState['failure']
  const counts = { opened: 0, reconnects: 0, renewals: 0, gapMs: 0 }

  function postpone(leastMs = 0): number {
    const { firstRetryMs: firstMs, slowestRetryMs: slowestMs } = timing
    failures += 1
    const waitMs = Math.max(leastMs, backoff({ attempts: failures, firstMs, slowestMs, random }))
    notBefore = monotonic() + waitMs
    return waitMs
  }

  async function open(signal: AbortSignal): Promise<OpenResult> {
    let mine: Live | undefined
    const listener = {
      heard: (text: string) => hear(text, mine),
      ended: (cause: string, silentSince: number) => {
        if (mine !== undefined) lost(mine, cause, silentSince)
      },
    }
    const result = await openChannel({ topics, spare, listener, signal }, deps)
    spare = result.kind === 'failed' ? result.spare : undefined
    if (result.kind === 'failed') {
      failure = result
      return { ...result, waitMs: postpone(result.retryAfterMs) }
    }
    failure = undefined
    const openedAt = monotonic()
    const { expiresAt } = result.channel
    const life = planRenewal({ expiresAt, now: deps.now(), timing, chance: random() })
    mine = { ...result, openedAt, renewAt: openedAt + life.renewInMs, announced: false }
    takeOver(mine, life.overlapMs)
    return { kind: 'open' }
  }

  function takeOver(next: Live, overlapMs: number): void {
    const previous = live
    live = next
    refusals = next.refusals
    const isReopened = counts.opened > 0
    counts.opened += 1
    if (previous !== undefined) {
      counts.renewals += 1
      if (startedWell(previous)) failures = 0
      retirement.add(previous.socket, overlapMs)
      log.debug({ topics: topics.length }, 'notification channel renewed')
      return
    }
    if (isReopened) counts.reconnects += 1
    for (const { topic, reason } of refusals)
      log.error({ code: 'topic_refused', topic, cause: reason }, 'topic refused, not subscribed')
    const gapMs = gapNow()
    counts.gapMs += gapMs
    downSince = undefined
    log.info({ topics: topics.length, gapMs: Math.round(gapMs) }, 'notification socket open')
  }

  const gapNow = (): number => (downSince === undefined ? 0 : Math.max(0, monotonic() - downSince))

  function hear(text: string, from: Live | undefined): void {
    const message = readMessage(text)
    deps.onMessage(message, text.length)
    if (message.kind !== 'closing' || from === undefined || from !== live || from.announced) return
    from.announced = true
    // At once, but not in a hot loop.
    if (startedWell(from)) notBefore = monotonic()
    else postpone()
    deps.onChange()
  }

  function lost(ended: Live, cause: string, silentSince: number): void {
    if (ended !== live) return
    live = undefined
    downSince = silentSince
    failure = { why: 'socket', cause }
    if (!ended.announced && monotonic() < ended.renewAt) spare ??= ended.channel
    if (startedWell(ended)) failures = 0
    postpone()
    log.warn({ code: 'notifications_down', cause }, 'notification socket lost, reconnecting')
    deps.onChange()
  }

  const startedWell = ({ openedAt }: Live): boolean => monotonic() - openedAt >= timing.stableMs

  return {
    need: () => {
      if (live === undefined) return { down: true, dueAt: notBefore }
      return { down: false, dueAt: Math.max(notBefore, live.announced ? 0 : live.renewAt) }
    },
    open,
    closeRetired: retirement.close,
    cut: () => {
      retirement.cut()
      live?.socket.cut()
    },
    close: async () => {
      const last = live?.socket
      live = undefined // a socket that ends from now on is not lost
      await Promise.all([retirement.close(), last?.close()])
    },
    state: () => ({
      connected: live !== undefined,
      retiring: retirement.size,
      reconnects: counts.reconnects,
      renewals: counts.renewals,
      gapMs: counts.gapMs + gapNow(),
      refusals,
      failure: live === undefined ? failure : undefined,
    }),
  }
}

/** Replaced sockets: they stay open for a while, then are closed. */
function createRetirement() {
  const timers = new Map<Socket, NodeJS.Timeout>()

  async function close(socket: Socket): Promise<void> {
    clearTimeout(timers.get(socket))
    await socket.close()
    timers.delete(socket)
  }

  return {
    /** Sockets that are not closed yet. */
    get size() {
      return timers.size
    },
    add: (socket: Socket, overlapMs: number): void => {
      const timer = setTimeout(() => void close(socket), overlapMs)
      timers.set(socket, timer)
    },
    /** Terminates them all. */
    cut: (): void => {
      for (const socket of timers.keys()) socket.cut()
    },
    /** Closes them all at once. */
    close: async (): Promise<void> => {
      await Promise.all([...timers.keys()].map(close))
    },
  }
}
