import { isIPv4, isIPv6 } from 'node:net'
import { createGrowingCache } from '../values/growing-cache.ts'

/** What to do about one failure. `log`: whether to log it; over the limit, only the first one of a window is logged. */
export type FailureVerdict =
  | { readonly kind: 'within'; readonly log: true }
  | { readonly kind: 'too_many'; readonly log: boolean; readonly retryAfterSeconds: number }

export interface FailureCounterOptions {
  /** Failures that one sender may have in a window before it gets `too_many`; 0: no limit. */
  readonly maxFailures: number
  readonly windowMs?: number
  /** Senders kept in memory; the least recently seen one is dropped first. */
  readonly maxSenders?: number
  /** Monotonic clock, in ms. */
  readonly monotonic: () => number
}

/** Counts refused requests by sender. Callers report only refused requests, so the limit never refuses a valid credential. */
export interface FailureCounter {
  /** Counts one refused request of the sender of this address. */
  record(address: string): FailureVerdict
}

/** Each sender has windows of its own: a window starts with a failure, so a sender waits at most `windowMs`. */
export function createFailureCounter({
  maxFailures,
  windowMs = 60_000,
  maxSenders = 10_000,
  monotonic,
}: FailureCounterOptions): FailureCounter {
  if (maxFailures === 0) return { record: () => ({ kind: 'within', log: true }) }
  const windows = createGrowingCache<string, { readonly endsAt: number; count: number }>(maxSenders)
  return {
    record: (address) => {
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

/**
 * The key of a sender: its IPv4 address or its IPv6 /64 network, because one subscriber usually has all addresses of a /64.
 * All invalid addresses (a proxy may forward any text) share one key.
 */
export function senderOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  if (!isIPv6(address)) return isIPv4(address) ? address : 'unknown'
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const headGroups = head === '' ? [] : head.split(':')
  const tailGroups = tail === undefined || tail === '' ? [] : tail.split(':')
  // Only the first four groups matter, so an IPv4 address at the end (`::1.2.3.4`) need only count as two groups.
  const tailLength = tailGroups.length + (tailGroups.at(-1)?.includes('.') === true ? 1 : 0)
  const zeros = Array<string>(Math.max(0, 8 - headGroups.length - tailLength)).fill('0')
  const network = [...headGroups, ...zeros, ...tailGroups]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}
