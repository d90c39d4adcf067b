import { Readable } from 'node:stream'
import { type History, sampleIntervalMs } from './history.ts'

/** Sends the state of the service to every listener, as server-sent events. */
export interface LiveFeed {
  /** Takes a sample of the history at each interval. */
  start(): void
  /** Sends the state now, because it has changed. */
  refresh(): void
  /** Undefined: too many listeners. Destroy the stream to end it. */
  open(): Readable | undefined
  /** Ends the streams with the event `stopping`. Idempotent. */
  stop(): Promise<void>
}

export interface LiveFeedDeps {
  readonly history: History
  /** The data of the event `status`. */
  readonly status: () => Promise<unknown>
  readonly log: { error(fields: Readonly<Record<string, unknown>>, message: string): void }
  readonly now: () => number
  readonly statusIntervalMs?: number
}

/** Each listener costs a connection and a message per second. */
const maxListeners = 20
/** A listener that reads too slowly is disconnected; it connects again. */
const maxBufferedBytes = 1_048_576

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
const message = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

export function createLiveFeed(deps: LiveFeedDeps): LiveFeed {
  const { history, status, log, now, statusIntervalMs = 1_000 } = deps
  const startedAt = new Date(now()).toISOString()
  const listeners = new Set<Readable>()
  let statusTimer: NodeJS.Timeout | undefined
  let sampleTimer: NodeJS.Timeout | undefined
  let stopped = false
  let working: Promise<void> = Promise.resolve()

  const send = (text: string): void => {
    for (const listener of listeners) {
      if (listener.readableLength > maxBufferedBytes) listener.destroy()
      else listener.push(text)
    }
  }
  /** One after the other, so that a slow inbox does not pile up reads. */
  const work = (task: () => Promise<void>): void => {
    working = working.then(task).catch((error: unknown) => {
      log.error({ code: 'internal_error', err: error }, 'state not sent to the dashboard')
    })
  }

  async function sendStatus(): Promise<void> {
    clearTimeout(statusTimer) // a listener that opened meanwhile may have started another one
    if (stopped || listeners.size === 0) return
    statusTimer = setTimeout(() => work(sendStatus), statusIntervalMs)
    send(message('status', await status()))
  }
  async function sendSample(): Promise<void> {
    if (stopped) return
    sampleTimer = setTimeout(() => work(sendSample), sampleIntervalMs)
    send(message('sample', await history.sample()))
  }

  return {
    start: () => {
      sampleTimer ??= setTimeout(() => work(sendSample), sampleIntervalMs)
    },
    refresh: () => work(sendStatus),
    open: () => {
      if (stopped || listeners.size >= maxListeners) return undefined
      const listener = new Readable({ read: () => {} })
      listeners.add(listener)
      listener.once('close', () => listeners.delete(listener))
      listener.push(message('start', { startedAt, intervalMs: sampleIntervalMs, samples: history.samples() }))
      work(sendStatus) // at once for the new listener
      return listener
    },
    stop: async () => {
      stopped = true
      clearTimeout(statusTimer)
      clearTimeout(sampleTimer)
      await working
      send(message('stopping', {}))
      for (const listener of listeners) listener.push(null)
      listeners.clear()
    },
  }
}
