import { LRUCache } from 'lru-cache'
import { senderOf } from './networks.ts'

/** The answer to a failure. `log`: whether to log it; false after the first one over the limit. */
export type Failure =
  | { readonly kind: 'within'; readonly log: true }
  | { readonly kind: 'too_many'; readonly log: boolean; readonly retryAfterSeconds: number }

export interface FailuresOptions {
  /** Failures that one sender may have in a window before it gets `too_many`; 0: no limit. */
  readonly maxFailures: number
  readonly windowMs?: number
  /** Senders kept in memory; the least recently seen one is dropped first. */
  readonly maxSenders?: number
  /** Monotonic clock, in ms. */
  readonly monotonic: () => number
}

/** Counts refused requests by sender. A valid credential is always accepted and not counted. */
export interface Failures {
  failed(address: string): Failure
}

interface Window {
  readonly endsAt: number
  count: number
}

/** Fixed windows: one starts with the first failure of a sender, and no sender waits longer than one window. */
export function createFailures({
  maxFailures,
  windowMs = 60_000,
  maxSenders = 10_000,
  monotonic,
}: FailuresOptions): Failures {
  if (maxFailures === 0) return { failed: () => ({ kind: 'within', log: true }) }
  const windows = new LRUCache<string, Window>({ max: maxSenders })
  return {
    failed: (address) => {
      const sender = senderOf(address)
      const now = monotonic()
      let window = windows.get(sender)
      if (window === undefined || now >= window.endsAt) {
        window = { endsAt: now + windowMs, count: 0 }
        windows.set(sender, window)
      }
      window.count += 1
      if (window.count <= maxFailures) return { kind: 'within', log: true }
      const retryAfterSeconds = Math.max(1, Math.ceil((window.endsAt - now) / 1000))
      return { kind: 'too_many', log: window.count === maxFailures + 1, retryAfterSeconds }
    },
  }
}
