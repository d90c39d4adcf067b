import type { Channel, Refusal } from '../genesys/notifications.ts'
import { backoff, type Random } from '../timing/backoff.ts'
import { type ChannelDeps, type ChannelFailure, type OpenChannel, openChannel } from './channel.ts'
import { planLife } from './life.ts'
import { type Message, readMessage } from './message.ts'
import { createRetirement } from './retirement.ts'
import type { NotificationsLog } from './status.ts'
import type { Timing } from './timing.ts'

/** The topics of one channel, kept heard: by one channel after the other. Times are ms of the monotonic clock. */
export interface Line {
  /** When `open` is to be called next, and whether nothing is heard until then. */
  need(): { readonly down: boolean; readonly dueAt: number }
  /** Opens a socket where there is none, or a new one in the place of one that ends soon. One attempt. */
  open(signal: AbortSignal): Promise<OpenResult>
  /** Closes the sockets whose place another has taken, without further waiting. */
  closeRetired(): Promise<void>
  /** Ends every socket at once. */
  cut(): void
  /** Closes every socket in good order. */
  close(): Promise<void>
  state(): LineState
}

export type OpenResult = { readonly kind: 'open' } | (ChannelFailure & { readonly waitMs: number })

export interface LineState {
  readonly connected: boolean
  /** Sockets whose place another has taken and that are not closed yet. */
  readonly retiring: number
  readonly reconnects: number
  readonly renewals: number
  readonly gapMs: number
  readonly refusals: readonly Refusal[]
  /** Why it is not connected, as far as known. */
  readonly failure: Pick<ChannelFailure, 'why' | 'cause'> | undefined
}

export interface LineDeps extends ChannelDeps {
  readonly topics: readonly string[]
  /** Since when these topics should have been heard. */
  readonly wantedSince: number
  readonly timing: Timing
  readonly onMessage: (message: Message, bytes: number) => void
  /** `need` may have changed. */
  readonly onChange: () => void
  readonly log: NotificationsLog
  /** Epoch ms. */
  readonly now: () => number
  readonly random: Random
}

interface Live extends OpenChannel {
  readonly openedAt: number
  readonly renewAt: number
  /** The server has said that it will close the socket. */
  announced: boolean
}

export function createLine(deps: LineDeps): Line {
  const { topics, timing, log, monotonic, random } = deps
  const retirement = createRetirement()
  let live: Live | undefined
  let spare: Channel | undefined
  let downSince: number | undefined = deps.wantedSince
  let notBefore = 0
  let failures = 0
  let refusals: readonly Refusal[] = []
  let failure: LineState['failure']
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
      ended: (cause: string, deafSince: number) => {
        if (mine !== undefined) lost(mine, cause, deafSince)
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
    const life = planLife({ expiresAt, now: deps.now(), timing, chance: random() })
    mine = { ...result, openedAt, renewAt: openedAt + life.renewInMs, announced: false }
    takeOver(mine, life.overlapMs)
    return { kind: 'open' }
  }

  function takeOver(next: Live, overlapMs: number): void {
    const previous = live
    live = next
    refusals = next.refusals
    const again = counts.opened > 0
    counts.opened += 1
    if (previous !== undefined) {
      counts.renewals += 1
      if (startedWell(previous)) failures = 0
      retirement.add(previous.connection, overlapMs)
      log.debug({ topics: topics.length }, 'notification channel renewed')
      return
    }
    if (again) counts.reconnects += 1
    for (const { topic, reason } of refusals)
      log.error({ code: 'topic_refused', topic, cause: reason }, 'topic refused: nothing is heard of it')
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
    // At once, but not again and again.
    if (startedWell(from)) notBefore = monotonic()
    else postpone()
    deps.onChange()
  }

  function lost(ended: Live, cause: string, deafSince: number): void {
    if (ended !== live) return
    live = undefined
    downSince = deafSince
    failure = { why: 'socket', cause }
    if (!ended.announced && monotonic() < ended.renewAt) spare ??= ended.channel
    if (startedWell(ended)) failures = 0
    postpone()
    log.warn({ code: 'notifications_down', cause }, 'notification socket lost: it is opened again')
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
      live?.connection.cut()
    },
    close: async () => {
      const last = live?.connection
      live = undefined // what ends now is not lost
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
