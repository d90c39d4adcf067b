import type { CallFailure, Channel, NotificationsApi, Refusal } from '../genesys/notifications.ts'
import { type Connect, ping, type Socket, type SocketListener } from './socket.ts'

/** Times in ms that fit Genesys Cloud: a heartbeat every 30 s, channels of 24 hours. */
export const genesysTiming = {
  /** Silence after which the server is pinged. */
  pingAfterMs: 40_000,
  /** Silence after which a socket counts as dead: two and a half heartbeats. */
  deadAfterMs: 75_000,
  /** A channel is renewed after this share of its lifetime, or up to a tenth later, so that not all are renewed at once. */
  renewAfter: 0.7,
  /** No channel is renewed sooner, whatever the server's clock says. */
  shortestLifeMs: 1_000,
  /** The longest time that a replaced socket stays open beside the new one. */
  overlapMs: 10_000,
  /** A socket that stayed open this long counts as a good start and resets the backoff. */
  stableMs: 10_000,
  firstRetryMs: 1_000,
  slowestRetryMs: 30_000,
}

export type Timing = Readonly<typeof genesysTiming>

export interface ChannelListener extends Pick<SocketListener, 'heard'> {
  /** Called once, however the socket ends. `silentSince`: when the last message may have been lost, monotonic ms. */
  readonly ended: (cause: string, silentSince: number) => void
}

export interface ChannelRequest {
  readonly topics: readonly string[]
  /** A channel that was created before and has no socket: saves a call. */
  readonly spare: Channel | undefined
  readonly listener: ChannelListener
  /** Aborts the wait for the socket. */
  readonly signal: AbortSignal
}

export interface ChannelDeps {
  readonly api: Pick<NotificationsApi, 'createChannel' | 'subscribe'>
  readonly connect: Connect
  readonly timing: Pick<Timing, 'pingAfterMs' | 'deadAfterMs'>
  readonly monotonic: () => number
}

export interface OpenChannel {
  readonly kind: 'open'
  readonly channel: Channel
  readonly socket: Socket
  readonly refusals: readonly Refusal[]
}

export interface ChannelFailure {
  readonly kind: 'failed'
  readonly why: CallFailure['why'] | 'socket'
  readonly cause: string
  readonly retryAfterMs?: number
  /** A channel that another attempt can use. */
  readonly spare?: Channel
}

/**
 * One attempt: creates a channel, opens its socket, then subscribes, so that no message arrives before the socket is open. A
 * spare channel is subscribed again too, because it may have lost its topics.
 */
export async function openChannel(
  { topics, spare, listener, signal }: ChannelRequest,
  deps: ChannelDeps,
): Promise<OpenChannel | ChannelFailure> {
  const made = spare === undefined ? await deps.api.createChannel() : ({ kind: 'ok', value: spare } as const)
  if (made.kind === 'failed') return made
  const channel = made.value
  const opened = await openWatched(channel.connectUri, listener, signal, deps)
  if (opened.kind === 'failed') return { kind: 'failed', why: 'socket', cause: opened.cause }
  const { socket } = opened
  const subscribed = await deps.api.subscribe(channel.id, topics)
  if (subscribed.kind === 'failed') {
    socket.cut()
    const goodLater = subscribed.why === 'rate_limited' || subscribed.why === 'unavailable'
    return goodLater ? { ...subscribed, spare: channel } : subscribed
  }
  const cause = opened.endedBy()
  if (cause !== undefined) return { kind: 'failed', why: 'socket', cause }
  return { kind: 'open', channel, socket, refusals: subscribed.value }
}

/** Opens a socket that is terminated when it stays silent. `endedBy`: undefined while it is open. */
async function openWatched(
  uri: string,
  listener: ChannelListener,
  signal: AbortSignal,
  { connect, timing, monotonic }: ChannelDeps,
) {
  let heardAt = monotonic()
  let pingedAt: number | undefined
  let watching: NodeJS.Timeout | undefined
  let endedBy: string | undefined
  let silent = false
  const result = await connect(
    uri,
    {
      heard: (text) => {
        heardAt = monotonic()
        listener.heard(text)
      },
      ended: (cause) => {
        clearTimeout(watching)
        const now = monotonic()
        endedBy = silent ? `silent for ${Math.round(now - heardAt)} ms` : cause
        listener.ended(endedBy, silent ? heardAt : now)
      },
    },
    signal,
  )
  if (result.kind === 'failed') return result
  const { socket } = result

  function watch(): void {
    const verdict = checkSilence({ heardAt, pingedAt, now: monotonic(), timing })
    if (verdict.kind === 'dead') {
      silent = true
      socket.cut()
      return
    }
    if (verdict.kind === 'ping') {
      pingedAt = monotonic()
      socket.send(ping)
    }
    watching = setTimeout(watch, verdict.kind === 'wait' ? verdict.ms : 0)
  }
  if (endedBy === undefined) watch()
  return { ...result, endedBy: () => endedBy }
}

export interface Silence {
  /** When the last message arrived, when the last ping was sent (undefined: never), and now: ms by one clock. */
  readonly heardAt: number
  readonly pingedAt: number | undefined
  readonly now: number
  readonly timing: Pick<Timing, 'pingAfterMs' | 'deadAfterMs'>
}

export type SilenceVerdict =
  /** The socket is alive or has been pinged: check again after `ms`. */
  { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'ping' } | { readonly kind: 'dead' }

/** Decides whether a silent socket is to be pinged or is dead. Pure. */
export function checkSilence({ heardAt, pingedAt, now, timing }: Silence): SilenceVerdict {
  const deadAt = heardAt + timing.deadAfterMs
  if (now >= deadAt) return { kind: 'dead' }
  if (pingedAt !== undefined && pingedAt >= heardAt) return { kind: 'wait', ms: deadAt - now }
  const pingAt = heardAt + timing.pingAfterMs
  return now >= pingAt ? { kind: 'ping' } : { kind: 'wait', ms: pingAt - now }
}

/** The lifetime that Genesys Cloud gives a channel. */
const maxLifeMs = 86_400_000

export interface RenewalInput {
  /** Epoch ms by the server's clock; undefined: not known. */
  readonly expiresAt: number | undefined
  /** Epoch ms by our clock, which may be hours off; the early renewal allows for that. */
  readonly now: number
  readonly timing: Pick<Timing, 'renewAfter' | 'shortestLifeMs' | 'overlapMs'>
  /** In [0, 1). */
  readonly chance: number
}

/** When to renew a channel (well before it ends, to have time for failures), and how long its old socket stays open then. Pure. */
export function planRenewal({ expiresAt, now, timing, chance }: RenewalInput) {
  const left = expiresAt === undefined ? maxLifeMs : expiresAt - now
  const lifeMs = left > 0 ? Math.min(left, maxLifeMs) : maxLifeMs // a negative lifetime means that our clock is far off
  const renewInMs = Math.max(timing.shortestLifeMs, Math.round(lifeMs * (timing.renewAfter + chance / 10)))
  return { renewInMs, overlapMs: Math.min(timing.overlapMs, Math.max(0, (lifeMs - renewInMs) / 2)) }
}
