import { randomUUID } from 'node:crypto'
import type { ParticipantKey } from '../inbox.ts'

export interface Leases {
  /** How many are held; one that ran out counts until its participant is claimed again, or its work is settled. */
  readonly size: number
  /** How many are in force. */
  inForce(at: number): number
  isHeld(key: ParticipantKey, at: number): boolean
  take(key: ParticipantKey, leaseMs: number, at: number): string
  holds(key: ParticipantKey, lease: string, at: number): boolean
  release(key: ParticipantKey, lease: string): void
}

const nameOf = ({ conversationId, participantId }: ParticipantKey): string =>
  `${conversationId}/${participantId}`

/**
 * Who works on which participant. In memory on purpose: the file belongs to one process, so the death of
 * the process ends every lease at once, and claiming costs no write. `at`: ms of a clock that never jumps.
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
    inForce: (at) => [...held.values()].filter(({ expiresAt }) => expiresAt > at).length,
    isHeld: (key, at) => valid(nameOf(key), at) !== undefined,
    take: (key, leaseMs, at) => {
      const lease = randomUUID()
      held.set(nameOf(key), { lease, expiresAt: at + leaseMs })
      return lease
    },
    holds: (key, lease, at) => valid(nameOf(key), at)?.lease === lease,
    release: (key, lease) => {
      if (held.get(nameOf(key))?.lease === lease) held.delete(nameOf(key))
    },
  }
}
