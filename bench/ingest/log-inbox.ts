import { closeSync, constants, openSync, writeSync } from 'node:fs'
import type { AppendResult, Claim, Inbox, NewEvent, PendingEvent, Settlement } from '../../src/inbox/inbox.ts'

/**
 * The minimal durable inbox: appends each group to a log with one synchronous write and keeps the rest in memory. It has
 * no index, never reads the log and cannot restart. It measures the upper bound for any service that answers 202 after
 * the event is durable.
 */
export function openLogInbox(file: string, now: () => number): Inbox {
  const log = openSync(file, constants.O_CREAT | constants.O_WRONLY | constants.O_APPEND | constants.O_DSYNC)
  const identities = new Set<string>()
  const pending = new Map<string, PendingEvent[]>()
  const held = new Set<string>()
  const listeners = new Set<() => void>()
  let sequence = 0
  let count = 0
  let lines: string[] = []
  let written: Promise<void> | undefined

  /** Group commit: resolves when the lines are on disk, with all lines of the same event loop turns. */
  function write(more: readonly string[]): Promise<void> {
    lines.push(...more)
    written ??= new Promise((resolve, reject) => {
      const flush = () => {
        const group = lines.join('\n')
        lines = []
        written = undefined
        try {
          writeSync(log, `${group}\n`)
          resolve()
        } catch (error) {
          reject(error)
        }
      }
      setImmediate(() => setImmediate(flush))
    })
    return written
  }

  const store = ({ event }: NewEvent): 'accepted' | 'duplicate' => {
    if (identities.has(event.identity)) return 'duplicate'
    identities.add(event.identity)
    sequence += 1
    count += 1
    const name = `${event.conversationId}/${event.participantId ?? ''}`
    const entry = { sequence, acceptedAt: now(), event }
    const others = pending.get(name)
    if (others === undefined) pending.set(name, [entry])
    else others.push(entry)
    return 'accepted'
  }

  function claim(limit: number): Claim[] {
    const claims: Claim[] = []
    for (const [name, events] of pending) {
      if (claims.length === limit) break
      if (held.has(name)) continue
      held.add(name)
      const [conversationId = '', participantId = ''] = name.split('/')
      claims.push({
        key: { conversationId, participantId },
        lease: name,
        events: [...events],
        known: new Map(),
        failure: undefined,
      })
    }
    return claims
  }

  return {
    append: async (events): Promise<AppendResult> => {
      const results = events.map(store)
      await write(events.map(({ event }) => JSON.stringify(event)))
      for (const listener of listeners) listener()
      return { kind: 'appended', results }
    },
    claim: async ({ limit }) => claim(limit),
    borrow: async () => undefined,
    settle: async ({ lease }: Claim, { outcomes, known }: Settlement) => {
      await write([JSON.stringify({ outcomes, known: known && [...known] })])
      const settled = new Set(outcomes.map((outcome) => outcome.sequence))
      const rest = (pending.get(lease) ?? []).filter((event) => !settled.has(event.sequence))
      count -= settled.size
      if (rest.length === 0) pending.delete(lease)
      else pending.set(lease, rest)
      held.delete(lease)
      for (const listener of listeners) listener()
      return 'settled'
    },
    noteEnded: async () => {},
    nextDueAt: async () => undefined,
    expire: async () => 0,
    prune: async () => 0,
    stats: async () => ({
      pending: count,
      replayed: 0,
      inFlight: held.size,
      dead: 0,
      oldestAcceptedAt: undefined,
      oldestReplayedAt: undefined,
    }),
    events: async () => ({ items: [], next: undefined }),
    event: async () => undefined,
    deadLetters: async () => [],
    countDeadLetters: async () => ({ total: 0, codes: [] }),
    replay: async () => 0,
    drop: async () => 0,
    deliveryPause: async () => undefined,
    setDeliveryPause: async () => {},
    checkWritable: async () => {},
    onWork: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {
      await written
      closeSync(log)
    },
  }
}
