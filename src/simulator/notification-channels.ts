import { randomUUID } from 'node:crypto'

export interface NotificationChannel {
  readonly id: string
  readonly expiresAtMs: number
  readonly topics: ReadonlySet<string>
}

export interface NotificationChannels {
  /** The 21st channel ends the oldest without a socket, else the oldest. */
  create(): NotificationChannel
  find(id: string): NotificationChannel | undefined
  /** Replaces the channel's topics and renews its life. */
  subscribe(id: string, topics: ReadonlySet<string>): NotificationChannel | undefined
  list(): readonly NotificationChannel[]
  /** Ends all channels as if they had expired; returns the number. */
  endAll(): number
  /** Removes all channels without calling `onEnd`. */
  close(): void
}

export interface NotificationChannelsDependencies {
  readonly lifeMs: number
  readonly hasSocket: (id: string) => boolean
  readonly onEnd: (id: string) => void
  readonly now: () => number
}

/** Genesys's limit per user and application; the simulator has one client. */
const maxChannels = 20

export function createNotificationChannels({
  lifeMs,
  hasSocket,
  onEnd,
  now,
}: NotificationChannelsDependencies): NotificationChannels {
  const channels = new Map<string, NotificationChannel>()
  const timers = new Map<string, NodeJS.Timeout>()

  function store(id: string, topics: ReadonlySet<string>): NotificationChannel {
    const channel = { id, topics, expiresAtMs: now() + lifeMs }
    channels.set(id, channel)
    clearTimeout(timers.get(id))
    timers.set(
      id,
      setTimeout(() => end(id), lifeMs),
    )
    return channel
  }

  function end(id: string): void {
    channels.delete(id)
    clearTimeout(timers.get(id))
    timers.delete(id)
    onEnd(id)
  }

  return {
    create() {
      if (channels.size >= maxChannels) {
        const ids = [...channels.keys()]
        const oldest = ids.find((id) => !hasSocket(id)) ?? ids[0]
        if (oldest !== undefined) end(oldest)
      }
      return store(`streaming-${randomUUID()}`, new Set())
    },
    find: (id) => channels.get(id),
    subscribe: (id, topics) => (channels.has(id) ? store(id, topics) : undefined),
    list: () => [...channels.values()],
    endAll() {
      const ids = [...channels.keys()]
      for (const id of ids) end(id)
      return ids.length
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
      channels.clear()
    },
  }
}
