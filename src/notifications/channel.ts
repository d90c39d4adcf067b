import type { CallFailure, Channel, NotificationsApi, Refusal } from '../genesys/notifications.ts'
import {
  type Connection,
  type ConnectionDeps,
  type ConnectionListener,
  openConnection,
} from './connection.ts'

export interface ChannelRequest {
  readonly topics: readonly string[]
  /** A channel that was made before and has no socket: one call less. */
  readonly spare: Channel | undefined
  readonly listener: ConnectionListener
  /** Gives up waiting for the socket. */
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
  /** Still good for another attempt. */
  readonly spare?: Channel
}

/**
 * One attempt: a channel, its socket, then its topics; so that no topic speaks before somebody hears. A spare
 * channel gets its topics again too: whether it has them still is not worth a silence to find out.
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
    ended: (cause, deafSince) => {
      ended = cause
      listener.ended(cause, deafSince)
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
