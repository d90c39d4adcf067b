/** What a log must be able to do for this folder. */
export interface NotificationsLog {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** A queue or topic of the configuration that cannot be heard, by its name there. */
export interface Problem {
  readonly code: 'queue_not_found' | 'topic_refused'
  readonly subject: string
  /** Genesys Cloud's words, or ours. */
  readonly detail: string
}

/** Why the source does not hear everything now. */
export type TroubleCode =
  | 'notifications_down'
  | 'credentials_refused'
  | 'inbox_full'
  | 'store_unavailable'
  | Problem['code']

export type MessageKind = 'event' | 'heartbeat' | 'closing' | 'unreadable'

export interface LastRejection {
  /** Epoch ms. */
  readonly at: number
  /** The name of the message's topic; undefined: it has none. */
  readonly topic: string | undefined
  /** Where in the message: `eventBody.participants.1.id`. */
  readonly path: string
}

/** How the source is doing. Counts are since the start. */
export interface NotificationsStatus {
  /** How many channels there are to be, and how many of them are heard now. */
  readonly channels: number
  readonly connected: number
  readonly topics: number
  /** Epoch ms of the last message of a topic. */
  readonly lastMessageAt: number | undefined
  readonly messages: Readonly<Record<MessageKind, number>>
  /** Messages, and participants of snapshots, that could not be read. */
  readonly rejected: number
  readonly lastRejected: LastRejection | undefined
  /** Sockets that were opened again after one was lost. */
  readonly reconnects: number
  /** Channels that a new one took the place of, without a gap. */
  readonly renewals: number
  /** How long a channel was not heard, in ms, summed over the channels; grows while one is down. */
  readonly gapMs: number
  readonly trouble: { readonly code: TroubleCode; readonly cause: string } | undefined
  readonly problems: readonly Problem[]
}
