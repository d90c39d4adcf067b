import type { OutgoingProxy } from '../http/outgoing-proxy.ts'
import type { Notifications, NotificationsDeps } from './notifications.ts'

export interface OpenNotificationsDeps extends Omit<NotificationsDeps, 'topics' | 'queues' | 'connect'> {
  readonly apiUrl: string
  readonly timeoutMs: number
  readonly proxy: OutgoingProxy | undefined
}

/** Undefined: no subscriptions. The websocket library is loaded here, because most installations have a relay and don't need it. */
export async function openNotifications(
  { queues, topics }: Pick<NotificationsDeps, 'queues' | 'topics'>,
  { apiUrl, timeoutMs, proxy, ...deps }: OpenNotificationsDeps,
): Promise<Notifications | undefined> {
  if (queues.length + topics.length === 0) return undefined
  const { createNotifications } = await import('./notifications.ts')
  const { createConnect } = await import('./socket.ts')
  const connect = createConnect({ timeoutMs, allowPlain: apiUrl.startsWith('http:'), proxy })
  return createNotifications({ ...deps, queues, topics, connect })
}
