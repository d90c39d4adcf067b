import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { z } from 'zod'
import { createNotificationChannels, type NotificationChannels } from './notification-channels.ts'
import { createNotificationSockets } from './notification-sockets.ts'

/** `topicName` decides who gets it: the channels subscribed to it, or all for those of the system. */
export const notificationInputSchema = z.looseObject({
  topicName: z.string().min(1),
  eventBody: z.unknown().optional(),
  version: z.string().default('2'),
  metadata: z.record(z.string(), z.unknown()).default(() => ({ CorrelationId: randomUUID() })),
})

/** A notification in the envelope of the real ones; `version` and `metadata` are filled in. */
export type NotificationInput = z.input<typeof notificationInputSchema>

/** A channel as a test sees it. */
export interface ChannelView {
  readonly id: string
  /** ISO 8601. */
  readonly expires: string
  readonly topics: readonly string[]
  readonly connected: boolean
}

/** The notification service: channels, their sockets, and what is said on them. */
export interface SimulatedNotifications {
  readonly channels: NotificationChannels
  /** Returns how many sockets it went to. */
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

const isForAll = (topic: string): boolean => topic === 'channel.metadata' || topic.startsWith('v2.system.')

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
      const addressees = channels.list().filter(({ topics }) => isForAll(topic) || topics.has(topic))
      return sockets.send(
        addressees.map(({ id }) => id),
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
