import { setTimeout as sleep } from 'node:timers/promises'
import { customerEvent, token } from '../../test/helpers/process.ts'

export interface Relay {
  /** Identities of the events answered with 202. */
  readonly accepted: ReadonlySet<string>
  /** The mark of the latest event of each participant. */
  readonly latest: ReadonlyMap<number, number>
  /** Resolves when every event is accepted. */
  stop(): Promise<void>
}

/**
 * Sends like a relay: retries until 202, sometimes sends twice, and out of order. `url`: of the service, or of one of its nodes, for each
 * try. `longestPauseMs`: of each of four senders, before a request.
 */
export function createRelay(participants: number, url: () => string, longestPauseMs = 30): Relay {
  const accepted = new Set<string>()
  const latest = new Map<number, number>()
  const firstOccurredAt = Date.now() - 3_600_000
  let latestMark = 0
  let running = true

  async function send(events: readonly unknown[]): Promise<void> {
    for (;;) {
      try {
        const response = await fetch(`${url()}/webhooks/genesys`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify(events),
          signal: AbortSignal.timeout(5_000),
        })
        if (response.status === 202) return
      } catch {
        // The service is being killed or started: retry.
      }
      await sleep(20)
    }
  }

  async function loop(): Promise<void> {
    while (running) {
      const events = Array.from({ length: 1 + Math.floor(Math.random() * 5) }, () => {
        const index = Math.floor(Math.random() * participants)
        latestMark += 1
        latest.set(index, latestMark)
        return { ...customerEvent(index, String(latestMark)), occurredAt: firstOccurredAt + latestMark }
      })
      await sleep(Math.random() * longestPauseMs) // lets a later batch of another loop arrive first
      await send(events)
      if (Math.random() < 0.2) await send(events)
      for (const { id } of events) accepted.add(`id:${id}`)
    }
  }

  const loops = Array.from({ length: 4 }, loop)
  return {
    accepted,
    latest,
    stop: async () => {
      running = false
      await Promise.all(loops)
    },
  }
}
