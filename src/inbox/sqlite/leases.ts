import { randomUUID } from 'node:crypto'
import type { ParticipantKey } from '../inbox.ts'

export interface Leases {
  /** How many are held; one that ran out counts until its participant is claimed again, or its work is settled. */
  readonly size: number
  /** How many are in force. */
  inForce(): number
  isHeld(key: ParticipantKey): boolean
  take(key: ParticipantKey, leaseMs: number): string
  holds(key: ParticipantKey, lease: string): boolean
  release(key: ParticipantKey, lease: string): void
}

const nameOf = ({ conversationId, participantId }: ParticipantKey): string =>
  `${conversationId}/${participantId}`

/**
 * Who works on which participant. In memory on purpose: the file belongs to one process, so the death of
 * the process ends every lease at once, and claiming costs no write. `now`: ms of a clock that never jumps.
 */
export function createLeases(now: () => number): Leases {
  const held = new Map<string, { lease: string; expiresAt: number }>()
  const valid = (name: string) => {
    const entry = held.get(name)
    return entry !== undefined && entry.expiresAt > now() ? entry : undefined
  }
  return {
    get size() {
      return held.size
    },
    inForce: () => [...held.values()].filter(({ expiresAt }) => expiresAt > now()).length,
    isHeld: (key) => valid(nameOf(key)) !== undefined,
    take: (key, leaseMs) => {
      const lease = randomUUID()
      held.set(nameOf(key), { lease, expiresAt: now() + leaseMs })
      return lease
    },
    holds: (key, lease) => valid(nameOf(key))?.lease === lease,
    release: (key, lease) => {
      if (held.get(nameOf(key))?.lease === lease) held.delete(nameOf(key))
    },
  }
}
