import type { Failure } from '../../../src/inbox/inbox.ts'

interface ReferenceEvent {
  readonly identity: string
  readonly participant: string
  readonly acceptedAt: number
  state: 'pending' | 'applied' | 'unchanged' | 'dead'
  settledAt: number
  attempts: number
  /** Of the acceptance or the last replay. */
  ageStart: number
  replayed: boolean
}

interface ReferenceRetry {
  readonly dueAt: number
  readonly failure: Failure
}

export interface ReferenceClaim {
  readonly participant: string
  readonly identities: readonly string[]
  readonly known: string | undefined
  readonly failure: Failure | undefined
}

export interface ReferenceLease {
  readonly participant: string
  readonly expiresAt: number
}

/**
 * A simple reference inbox in memory, without regard to speed. Array order is order of acceptance. It stores one
 * known value per participant.
 */
export class ReferenceInbox {
  readonly maxPending: number
  events: ReferenceEvent[] = []
  retries = new Map<string, ReferenceRetry>()
  known = new Map<string, { value: string; knownAt: number }>()
  leases = new Map<string, ReferenceLease>()

  constructor(maxPending: number) {
    this.maxPending = maxPending
  }

  count(state: ReferenceEvent['state']): number {
    return this.events.filter((event) => event.state === state).length
  }

  pendingOf(participant: string): ReferenceEvent[] {
    return this.events.filter((event) => event.participant === participant && event.state === 'pending')
  }

  append(given: readonly Pick<ReferenceEvent, 'identity' | 'participant'>[], now: number) {
    const known = new Set(this.events.map(({ identity }) => identity))
    const fresh = new Set(given.map(({ identity }) => identity).filter((identity) => !known.has(identity)))
    const pending = this.count('pending')
    const replayed = this.events.filter((event) => event.state === 'pending' && event.replayed).length
    if (fresh.size > 0 && pending - replayed + fresh.size > this.maxPending)
      return { kind: 'full', pending, ...(fresh.size > this.maxPending && { neverFits: true }) }
    const results = given.map((event) => {
      if (!fresh.delete(event.identity)) return 'duplicate'
      this.events.push({
        ...event,
        acceptedAt: now,
        ageStart: now,
        state: 'pending',
        settledAt: Number.NaN,
        attempts: 0,
        replayed: false,
      })
      return 'accepted'
    })
    const dead = this.events.filter(({ state }) => state === 'dead').map(({ identity }) => identity)
    const deadLetters = given.map(({ identity }) => identity).filter((identity) => dead.includes(identity))
    return { kind: 'appended', results, ...(deadLetters.length > 0 && { deadLetters }) }
  }

  isLeased(participant: string, now: number): boolean {
    return (this.leases.get(participant)?.expiresAt ?? 0) > now
  }

  /** Participants that `claim` may return. The reference has no order, because engines also apply fairness. */
  claimable(now: number): string[] {
    return [...new Set(this.events.map(({ participant }) => participant))]
      .filter((participant) => this.pendingOf(participant).length > 0)
      .filter((participant) => (this.retries.get(participant)?.dueAt ?? 0) <= now)
      .filter((participant) => !this.isLeased(participant, now))
  }

  claim(participant: string, leaseMs: number, now: number): { claim: ReferenceClaim; lease: ReferenceLease } {
    const lease = { participant, expiresAt: now + leaseMs }
    this.leases.set(participant, lease)
    const claim = {
      participant,
      identities: this.pendingOf(participant).map(({ identity }) => identity),
      known: this.known.get(participant)?.value,
      failure: this.retries.get(participant)?.failure,
    }
    return { claim, lease }
  }

  settle(
    lease: ReferenceLease,
    outcomes: ReadonlyMap<string, 'applied' | 'unchanged' | 'dead'>,
    known: string | undefined,
    retry: ReferenceRetry | undefined,
    attempted: readonly string[],
    now: number,
  ): 'settled' | 'lease_lost' {
    const { participant, expiresAt } = lease
    if (this.leases.get(participant) !== lease || expiresAt <= now) return 'lease_lost'
    this.leases.delete(participant)
    if (known !== undefined) this.known.set(participant, { value: known, knownAt: now })
    for (const event of this.pendingOf(participant))
      if (attempted.includes(event.identity)) event.attempts += 1
    if (outcomes.size === 0 && retry === undefined) return 'settled'
    for (const event of this.pendingOf(participant)) {
      const state = outcomes.get(event.identity)
      if (state !== undefined) Object.assign(event, { state, settledAt: now })
    }
    this.retries.delete(participant)
    if (retry !== undefined && this.pendingOf(participant).length > 0) this.retries.set(participant, retry)
    return 'settled'
  }

  expire(acceptedBefore: number, now: number): number {
    const overdue = this.events.filter(
      (event) =>
        event.state === 'pending' &&
        event.ageStart < acceptedBefore &&
        !this.isLeased(event.participant, now),
    )
    for (const event of overdue) {
      Object.assign(event, { state: 'dead', settledAt: now })
      if (this.pendingOf(event.participant).length === 0) this.retries.delete(event.participant)
    }
    return overdue.length
  }

  replay(identity: string | undefined, now: number): number {
    const letters = this.events.filter(
      (event) => event.state === 'dead' && (identity === undefined || event.identity === identity),
    )
    for (const letter of letters)
      Object.assign(letter, { state: 'pending', ageStart: now, replayed: true, settledAt: Number.NaN })
    return letters.length
  }

  drop(identity: string): number {
    const before = this.events.length
    this.events = this.events.filter((event) => event.identity !== identity || event.state !== 'dead')
    return before - this.events.length
  }

  prune(before: number): number {
    const kept = this.events.filter(({ settledAt }) => !(settledAt < before))
    const stale = [...this.known].filter(([, { knownAt }]) => knownAt < before)
    for (const [participant] of stale) this.known.delete(participant)
    const forgotten = this.events.length - kept.length + stale.length
    this.events = kept
    return forgotten
  }
}
