import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { z } from 'zod'
import { createNotificationChannels, type NotificationChannels } from './notification-channels.ts'
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

/** The notification service: channels, their sockets and notifications. */
export interface SimulatedNotifications {
  readonly channels: NotificationChannels
  /** Returns the number of sockets it was sent on. */
  send(notification: z.output<typeof notificationInputSchema>): number
  list(): readonly ChannelView[]
  drop(code?: number): number
  mute(): number
  close(): void
}

export interface NotificationsDependencies {
  readonly server: Server
  readonly channelLifeMs: number
  readonly heartbeatMs: number
  readonly now: () => number
}

const isSystemTopic = (topic: string): boolean =>
  topic === 'channel.metadata' || topic.startsWith('v2.system.')

export function createNotifications({
  server,
  channelLifeMs,
  heartbeatMs,
  now,
}: NotificationsDependencies): SimulatedNotifications {
  const channels: NotificationChannels = createNotificationChannels({
    lifeMs: channelLifeMs,
    hasSocket: (id) => sockets.has(id),
    onEnd: (id) => sockets.end(id),
    now,
  })
  const sockets = createNotificationSockets({
    server,
    isChannel: (id) => channels.find(id) !== undefined,
    heartbeatMs,
  })

  return {
    channels,
    send(notification) {
      const { topicName } = notification
      const topic = topicName.toLowerCase()
      const recipients = channels.list().filter(({ topics }) => isSystemTopic(topic) || topics.has(topic))
      return sockets.send(
        recipients.map(({ id }) => id),
        JSON.stringify(notification),
      )
    },
    list: () =>
      channels.list().map(({ id, expiresAtMs, topics }) => ({
        id,
        expires: new Date(expiresAtMs).toISOString(),
        topics: [...topics],
        connected: sockets.has(id),
      })),
    drop: sockets.drop,
    mute: sockets.mute,
    close() {
      channels.close()
      sockets.close()
    },
  }
}
