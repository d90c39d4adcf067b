import type { CallFailure, Channel, NotificationsApi, Refusal } from '../genesys/notifications.ts'
import {
  type Connection,
  type ConnectionDeps,
  type ConnectionListener,
  openConnection,
} from './connection.ts'
import type { Timing } from './timing.ts'

export interface ChannelRequest {
  readonly topics: readonly string[]
  /** A channel that was created before and has no socket: saves a call. */
  readonly spare: Channel | undefined
  readonly listener: ConnectionListener
  /** Aborts the wait for the socket. */
  readonly signal: AbortSignal
}

export interface ChannelDeps extends ConnectionDeps {
  readonly api: Pick<NotificationsApi, 'createChannel' | 'subscribe'>
}

export interface OpenChannel {
  readonly kind: 'open'
  readonly channel: Channel
  readonly connection: Connection
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
  let ended: string | undefined
  const watched: ConnectionListener = {
    heard: listener.heard,
    ended: (cause, silentSince) => {
      ended = cause
      listener.ended(cause, silentSince)
    },
  }
  const opened = await openConnection(channel.connectUri, watched, signal, deps)
  if (opened.kind === 'failed') return { kind: 'failed', why: 'socket', cause: opened.cause }
  const { connection } = opened
  const subscribed = await deps.api.subscribe(channel.id, topics)
  if (subscribed.kind === 'failed') {
    connection.cut()
    const goodLater = subscribed.why === 'rate_limited' || subscribed.why === 'unavailable'
    return goodLater ? { ...subscribed, spare: channel } : subscribed
  }
  if (ended !== undefined) return { kind: 'failed', why: 'socket', cause: ended }
  return { kind: 'open', channel, connection, refusals: subscribed.value }
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

export interface Renewal {
  /** Ms from now. */
  readonly renewInMs: number
  /** How long the old socket stays open beside the new one. */
  readonly overlapMs: number
}

/** When to renew a channel: well before it ends, so that there is time for failures. Pure. */
export function planRenewal({ expiresAt, now, timing, chance }: RenewalInput): Renewal {
  const left = expiresAt === undefined ? maxLifeMs : expiresAt - now
  const lifeMs = left > 0 ? Math.min(left, maxLifeMs) : maxLifeMs // a negative lifetime means that our clock is far off
  const renewInMs = Math.max(timing.shortestLifeMs, Math.round(lifeMs * (timing.renewAfter + chance / 10)))
  return { renewInMs, overlapMs: Math.min(timing.overlapMs, Math.max(0, (lifeMs - renewInMs) / 2)) }
}
