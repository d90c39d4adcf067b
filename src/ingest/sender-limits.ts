import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'

/** Whether the text is an address or a network in CIDR notation (`10.0.0.0/8`, `2001:db8::/32`). `/0` is refused: it would allow every address. */
export function isNetwork(text: string): boolean {
  const [address = '', length, ...more] = text.split('/')
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) return false
  if (length === undefined) return true
  return /^[1-9]\d{0,2}$/.test(length) && Number(length) <= (isIPv4(address) ? 32 : 128)
}

/** Returns whether an address is in one of the networks. Without networks, every value is allowed; otherwise an invalid address is not. */
export function createAllowed(networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => true
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', length] = network.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (length === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(length), family)
  }
  // BlockList matches an IPv4-mapped address (::ffff:10.0.0.1) against IPv4 networks.
  return (address) => isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

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

/** Fixed windows: one starts with the first failure of a sender, and no sender waits longer than one window. */
export function createFailures({
  maxFailures,
  windowMs = 60_000,
  maxSenders = 10_000,
  monotonic,
}: FailuresOptions): Failures {
  if (maxFailures === 0) return { failed: () => ({ kind: 'within', log: true }) }
  const windows = new LRUCache<string, { readonly endsAt: number; count: number }>({ max: maxSenders })
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

/**
 * The key of a sender: its IPv4 address or its IPv6 /64 network, since one sender has all addresses in it. All invalid
 * addresses (a proxy may forward any text) share one key.
 */
export function senderOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  if (!isIPv6(address)) return isIPv4(address) ? address : 'unknown'
  const [left = '', right] = (address.split('%')[0] ?? '').split('::')
  const groups = left === '' ? [] : left.split(':')
  const after = right === undefined || right === '' ? [] : right.split(':')
  const written = after.length + (after.at(-1)?.includes('.') === true ? 1 : 0)
  const all = [...groups, ...Array<string>(Math.max(0, 8 - groups.length - written)).fill('0'), ...after]
  const network = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}
