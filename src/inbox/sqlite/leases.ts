import { randomUUID } from 'node:crypto'
import type { ParticipantKey } from '../inbox.ts'

export interface Leases {
  /** Number of leases, including expired ones whose participant was neither claimed again nor settled. */
  readonly size: number
  /** Number of leases that have not expired. */
  unexpired(at: number): number
  isHeld(key: ParticipantKey, at: number): boolean
  take(key: ParticipantKey, leaseMs: number, at: number): string
  holds(key: ParticipantKey, lease: string, at: number): boolean
  release(key: ParticipantKey, lease: string): void
}

const idOf = ({ conversationId, participantId }: ParticipantKey): string =>
  `${conversationId}/${participantId}`

/**
 * The leases of participants. They exist only in memory: the file belongs to one process, so the end of
 * the process ends every lease, and a claim needs no write. `at`: ms of a clock that never jumps.
 */
export function createLeases(): Leases {
  const held = new Map<string, { lease: string; expiresAt: number }>()
  const valid = (name: string, at: number) => {
    const entry = held.get(name)
    return entry !== undefined && entry.expiresAt > at ? entry : undefined
  }
  return {
    get size() {
      return held.size
    },
    unexpired: (at) => [...held.values()].filter(({ expiresAt }) => expiresAt > at).length,
    isHeld: (key, at) => valid(idOf(key), at) !== undefined,
    take: (key, leaseMs, at) => {
      const lease = randomUUID()
      held.set(idOf(key), { lease, expiresAt: at + leaseMs })
      return lease
    },
    holds: (key, lease, at) => valid(idOf(key), at)?.lease === lease,
    release: (key, lease) => {
      if (held.get(idOf(key))?.lease === lease) held.delete(idOf(key))
    },
  }
}
