import { randomUUID } from 'node:crypto'
import type { Claim, ParticipantKey } from '../inbox.ts'

interface Lease {
  readonly id: string
  readonly expiresAt: number
  /** Its settlement is on the way to the server. The participant counts as leased until the answer is there. */
  isSettling: boolean
}

export type Leases = ReturnType<typeof createLeases>

export const participantText = ({ conversationId, participantId }: ParticipantKey): string =>
  `${conversationId}/${participantId}`

/**
 * The leases of claims, in memory: only the node that owns the delivery of the client has some, so they end with it. `at`: ms of a
 * clock that never jumps.
 */
export function createLeases() {
  /** By participant. Includes expired leases whose participant was neither claimed again nor settled. */
  const leases = new Map<string, Lease>()

  function leaseOf(key: ParticipantKey, at: number): Lease | undefined {
    const lease = leases.get(participantText(key))
    return lease !== undefined && (lease.isSettling || lease.expiresAt > at) ? lease : undefined
  }

  return {
    /** Returns the id of the lease. */
    take(key: ParticipantKey, leaseMs: number, at: number): string {
      const id = randomUUID()
      leases.set(participantText(key), { id, expiresAt: at + leaseMs, isSettling: false })
      return id
    },
    isLeased: (key: ParticipantKey, at: number): boolean => leaseOf(key, at) !== undefined,
    /** Whether the claim has its lease. If so, keeps it until `settled`. */
    startSettling({ key, lease: id }: Claim, at: number): boolean {
      const lease = leaseOf(key, at)
      if (lease === undefined || lease.id !== id || lease.isSettling || lease.expiresAt <= at) return false
      lease.isSettling = true
      return true
    },
    /** The settlement failed: the lease ends at its time. */
    settlingFailed({ key, lease: id }: Claim): void {
      const lease = leases.get(participantText(key))
      if (lease?.id === id) lease.isSettling = false
    },
    release({ key, lease: id }: Claim): void {
      if (leases.get(participantText(key))?.id === id) leases.delete(participantText(key))
    },
    /** Another node has delivered meanwhile: no claim has its lease any more. */
    endAll: (): void => leases.clear(),
    /** JSON object whose keys are the leased participants. */
    asJson(at: number): string {
      const held = [...leases].filter(([, lease]) => lease.isSettling || lease.expiresAt > at)
      return JSON.stringify(Object.fromEntries(held.map(([participant]) => [participant, 1])))
    },
    inFlight: (at: number): number =>
      [...leases.values()].filter(({ isSettling, expiresAt }) => isSettling || expiresAt > at).length,
  }
}
