import type { CallFailure, Refusal } from '../genesys/notifications.ts'
import type { Log } from '../log/log.ts'
import type { ChannelFailure } from './channel.ts'
import type { Message } from './socket.ts'

/** The part of a logger that this folder uses. */
export type NotificationsLog = Log<'debug' | 'info' | 'warn' | 'error'>

/** A configured queue or topic that is not subscribed, by its name in the configuration. */
export interface Problem {
  readonly code: 'queue_not_found' | 'topic_refused'
  readonly subject: string
  /** From Genesys Cloud's answer, or our own text. */
  readonly detail: string
}

/** Why not everything is subscribed now. */
export type FailureCode =
  | 'notifications_down'
  | 'credentials_refused'
  | 'inbox_full'
  | 'store_unavailable'
  | Problem['code']

export interface LastRejection {
  /** Epoch ms. */
  readonly at: number
  /** The topic name of the message; undefined: it has none. */
  readonly topic: string | undefined
  /** Where in the message: `eventBody.participants.1.id`. */
  readonly path: string
}

/** The state of the source. Counts are since the start. */
export interface NotificationsStatus {
  /** How many channels are needed, and how many of them are connected. */
  readonly channels: number
  readonly connected: number
  readonly topics: number
  /** Epoch ms of the last message of a topic. */
  readonly lastMessageAt: number | undefined
  readonly messages: Readonly<Record<Message['kind'], number>>
  /** Messages, and participants of snapshots, that could not be read. */
  readonly rejected: number
  readonly lastRejected: LastRejection | undefined
  /** Sockets that were reopened after a loss. */
  readonly reconnects: number
  /** Channels that were replaced without a gap. */
  readonly renewals: number
  /** Time without a connection, ms, summed over the channels; grows while one is down. */
  readonly gapMs: number
  readonly failure: { readonly code: FailureCode; readonly cause: string } | undefined
  readonly problems: readonly Problem[]
}

export interface SubscriptionState {
  readonly connected: boolean
  /** Replaced sockets that are not closed yet. */
  readonly retiring: number
  readonly reconnects: number
  readonly renewals: number
  readonly gapMs: number
  readonly refusals: readonly Refusal[]
  /** Why it is not connected, if known. */
  readonly failure: Pick<ChannelFailure, 'why' | 'cause'> | undefined
}

export interface FailureInput {
  readonly subscriptions: readonly SubscriptionState[]
  /** How many channels are needed. */
  readonly channels: number
  /** Why queues could not be looked up yet. */
  readonly lookupFailure: CallFailure | undefined
  /** Why the sockets are closed on purpose. */
  readonly overflow: FailureCode | undefined
  readonly problems: readonly Problem[]
}

/** The first failure to fix, if not everything is subscribed. Holds no text of Genesys Cloud, because anyone may read it. Pure. */
export function failureOf({
  subscriptions,
  channels,
  lookupFailure,
  overflow,
  problems,
}: FailureInput): NotificationsStatus['failure'] {
  if (overflow !== undefined) return { code: overflow, cause: 'too many messages are buffered' }
  if (lookupFailure !== undefined) return { code: codeOf(lookupFailure.why), cause: lookupFailure.why }
  const failures = subscriptions.flatMap(({ failure }) => failure ?? [])
  const failure = failures.find(({ why }) => why === 'credentials_refused') ?? failures[0]
  if (failure !== undefined)
    return { code: codeOf(failure.why), cause: failure.why === 'socket' ? failure.cause : failure.why }
  const connected = subscriptions.filter((subscription) => subscription.connected).length
  if (connected < channels) return { code: 'notifications_down', cause: 'connecting' }
  const problem = problems[0]
  return problem && { code: problem.code, cause: problem.subject }
}

export const codeOf = (why: CallFailure['why'] | 'socket'): FailureCode =>
  why === 'credentials_refused' ? why : 'notifications_down'
