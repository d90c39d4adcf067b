import type { Config } from '../config/config.ts'
import { type OpenNotificationsDeps, openNotifications } from '../notifications/open-notifications.ts'
import { openSqs } from '../sqs/open-sqs.ts'

type SourcesDeps = Omit<OpenNotificationsDeps, 'apiUrl' | 'timeoutMs' | 'timing' | 'bounds'>

/** The sources of events that this service asks itself, besides its route: notification websockets and a queue. */
export async function openSources({ notifications, sqs, genesys, webhook, node }: Config, deps: SourcesDeps) {
  const { apiUrl, requestTimeoutMs: timeoutMs } = genesys
  // The websockets need the OAuth client. Events that two nodes receive are duplicates.
  const sockets =
    node.role === 'ingest'
      ? undefined
      : await openNotifications(notifications, { ...deps, apiUrl, timeoutMs })
  const queue =
    node.role === 'deliver' ? undefined : await openSqs(sqs, { ...deps, maxBatch: webhook.maxBatch })
  return {
    /** Of the sources that there are. */
    status: { notifications: sockets?.status, sqs: queue?.status },
    start(): void {
      sockets?.start()
      queue?.start()
    },
    /** Takes nothing new, and stores what arrived within the grace (ms). */
    async stop(graceMs: number): Promise<void> {
      await Promise.all([sockets?.stop(graceMs), queue?.stop(graceMs)])
    },
  }
}
