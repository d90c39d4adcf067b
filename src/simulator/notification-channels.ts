import { randomUUID } from 'node:crypto'

/** A channel of the notification service: what it is subscribed to, and until when it lives. */
export interface NotificationChannel {
  readonly id: string
  readonly expiresAtMs: number
  readonly topics: ReadonlySet<string>
}

export interface NotificationChannels {
  /** The 21st channel ends one: the oldest without a socket, else the oldest. */
  create(): NotificationChannel
  find(id: string): NotificationChannel | undefined
  /** Makes these its topics, and lets it live as long as a new one. */
  subscribe(id: string, topics: ReadonlySet<string>): NotificationChannel | undefined
  list(): readonly NotificationChannel[]
  /** Ends them all, as if their time had come; returns how many. */
  endAll(): number
  /** Ends them without a word to anybody. */
  close(): void
}

export interface NotificationChannelsDependencies {
  readonly lifeMs: number
  readonly hasSocket: (id: string) => boolean
  readonly onEnd: (id: string) => void
  readonly now: () => number
}

/** Genesys's limit for one user and application; the simulator has one client. */
const maxChannels = 20

export function createNotificationChannels({
  lifeMs,
  hasSocket,
  onEnd,
  now,
}: NotificationChannelsDependencies): NotificationChannels {
  const channels = new Map<string, NotificationChannel>()
  const timers = new Map<string, NodeJS.Timeout>()

  function keep(id: string, topics: ReadonlySet<string>): NotificationChannel {
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
      return keep(`streaming-${randomUUID()}`, new Set())
    },
    find: (id) => channels.get(id),
    subscribe: (id, topics) => (channels.has(id) ? keep(id, topics) : undefined),
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
