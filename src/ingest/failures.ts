import { LRUCache } from 'lru-cache'
import { senderOf } from './networks.ts'

/** What follows a failure: `log` is false where the log has had enough of this sender for now. */
export type Failure =
  | { readonly kind: 'within'; readonly log: true }
  | { readonly kind: 'too_many'; readonly log: boolean; readonly retryAfterSeconds: number }

export interface FailuresOptions {
  /** Failures of one sender in a window that are answered one by one; 0: all are. */
  readonly maxFailures: number
  readonly windowMs?: number
  /** Senders remembered; beyond them the one that was quiet longest is forgotten. */
  readonly maxSenders?: number
  /** Ms, of a clock that is never set. */
  readonly monotonic: () => number
}

/** Counts what was refused, by sender. Successes are never asked about: a good credential is always taken. */
export interface Failures {
  failed(address: string): Failure
}

interface Window {
  readonly endsAt: number
  count: number
}

/** A window begins with the first failure of a sender, and ends as a whole: nobody waits longer than it is. */
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
