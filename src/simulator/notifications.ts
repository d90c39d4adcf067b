import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { z } from 'zod'
import { createNotificationSockets } from './notification-sockets.ts'

/** Goes to the channels subscribed to `topicName`; system topics go to all. */
export const notificationInputSchema = z.looseObject({
  topicName: z.string().min(1),
  eventBody: z.unknown().optional(),
  version: z.string().default('2'),
  metadata: z.record(z.string(), z.unknown()).default(() => ({ CorrelationId: randomUUID() })),
})

/** A notification in the real envelope; `version` and `metadata` have defaults. */
export type NotificationInput = z.input<typeof notificationInputSchema>

/** The state of a channel, for tests. */
export interface ChannelView {
  readonly id: string
  /** ISO 8601. */
  readonly expires: string
  readonly topics: readonly string[]
  readonly connected: boolean
}

export interface NotificationChannel {
  readonly id: string
  /** ISO 8601. */
  readonly expires: string
  readonly topics: ReadonlySet<string>
}

/** The notification service: channels, their sockets and notifications. */
export interface SimulatedNotifications {
  /** The 21st channel ends the oldest without a socket, else the oldest. */
  createChannel(): NotificationChannel
  findChannel(id: string): NotificationChannel | undefined
  /** Replaces the topics of an existing channel and renews its life. */
  subscribe(channelId: string, topics: ReadonlySet<string>): void
  /** Returns the number of sockets it was sent on. */
  send(notification: z.output<typeof notificationInputSchema>): number
  list(): readonly ChannelView[]
  drop(code?: number): number
  mute(): number
  /** Ends all channels as if they had expired; returns the number. */
  endAll(): number
  close(): void
}

export interface NotificationsDependencies {
  readonly server: Server
  readonly channelLifeMs: number
  readonly heartbeatMs: number
  readonly now: () => number
}

/** Genesys's limit per user and application; the simulator has one client. */
const maxChannels = 20

const isSystemTopic = (topic: string): boolean =>
  topic === 'channel.metadata' || topic.startsWith('v2.system.')

export function createNotifications({
  server,
  channelLifeMs,
  heartbeatMs,
  now,
}: NotificationsDependencies): SimulatedNotifications {
  const channels = new Map<string, NotificationChannel & { readonly expiry: NodeJS.Timeout }>()
  const sockets = createNotificationSockets({ server, isChannel: (id) => channels.has(id), heartbeatMs })

  function store(id: string, topics: ReadonlySet<string>): NotificationChannel {
    clearTimeout(channels.get(id)?.expiry)
    const expiry = setTimeout(() => end(id), channelLifeMs)
    const channel = { id, topics, expires: new Date(now() + channelLifeMs).toISOString(), expiry }
    channels.set(id, channel)
    return channel
  }

  function end(id: string): void {
    clearTimeout(channels.get(id)?.expiry)
    channels.delete(id)
    sockets.end(id)
  }

  return {
    createChannel() {
      if (channels.size >= maxChannels) {
        const ids = [...channels.keys()]
        const oldest = ids.find((id) => !sockets.has(id)) ?? ids[0]
        if (oldest !== undefined) end(oldest)
      }
      return store(`streaming-${randomUUID()}`, new Set())
    },
    findChannel: (id) => channels.get(id),
    subscribe: (id, topics) => void store(id, topics),
    send(notification) {
      const topic = notification.topicName.toLowerCase()
      const recipients = [...channels.values()].filter(
        ({ topics }) => isSystemTopic(topic) || topics.has(topic),
      )
      return sockets.send(
        recipients.map(({ id }) => id),
        JSON.stringify(notification),
      )
    },
    list: () =>
      [...channels.values()].map(({ id, expires, topics }) => ({
        id,
        expires,
        topics: [...topics],
        connected: sockets.has(id),
      })),
    drop: sockets.drop,
    mute: sockets.mute,
    endAll() {
      const ids = [...channels.keys()]
      for (const id of ids) end(id)
      return ids.length
    },
    close() {
      for (const { expiry } of channels.values()) clearTimeout(expiry)
      channels.clear()
      sockets.close()
    },
  }
}
