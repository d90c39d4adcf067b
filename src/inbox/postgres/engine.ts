import { randomInt } from 'node:crypto'
import type { Claim, Inbox, InboxOptions, NodeOptions } from '../inbox.ts'
import { createAppend } from './append.ts'
import { createClaims } from './claims.ts'
import type { Connections } from './connections.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createEventQueries } from './event-queries.ts'
import { createHistories } from './histories.ts'
import { knownValuesOf, readKnown } from './known-values.ts'
import { createLeases } from './leases.ts'
import { createNodes, type NodesOfEngine } from './nodes.ts'
import { createPause } from './pause.ts'
import { createPrune } from './prune.ts'
import { createSettlements } from './settlements.ts'
import { createStats } from './stats.ts'
import { createWriteCheck } from './write-check.ts'

interface EngineDeps extends Omit<InboxOptions, 'url' | 'client' | 'node'> {
  readonly client: string
  readonly node: NodeOptions
  /** Ms of the real time, by which leases of nodes run. */
  readonly realTime: () => number
  /** For everything but the reads of operators. */
  readonly work: Connections
  /** For the reads of operators, which must not hold up the rest. */
  readonly reads: Connections
  /** For the signals of other nodes. */
  readonly listening: Connections
  /** For the right to deliver, which must not wait behind the rest. */
  readonly renewing: Connections
  readonly lastAcceptedAt: number
}

export interface Engine extends Inbox {
  readonly nodes: NodesOfEngine
}

/** Each process has its own counters, so that processes do not wait for each other. Slot 0 belongs to the owner of the delivery. */
const slots = 64

/** The inbox on an open database. It delivers nothing before `nodes.join`. */
export function createEngine(deps: EngineDeps): Engine {
  const { client, work, reads, now, monotonic = now } = deps
  const listeners = new Set<() => void>()
  const notifyListeners = () => {
    for (const listener of listeners) listener()
  }
  const { query } = work
  const slot = randomInt(1, slots + 1)
  const base = { query, client, now, monotonic }
  const leases = createLeases()
  const claims = createClaims({ ...base, leases })
  const appends = createAppend({ ...deps, ...base, slot })
  const nodes = createNodes({
    query,
    listening: deps.listening,
    renewing: deps.renewing,
    client,
    node: deps.node,
    monotonic: deps.realTime,
    onNewEpoch: () => {
      leases.endAll()
      claims.changed()
    },
    onWork: () => {
      claims.moreArrived()
      notifyListeners()
    },
  })
  const settlements = createSettlements({ ...base, leases, epoch: nodes.epoch })
  const toWallClock = (at: number) => now() + (at - monotonic())
  const histories = createHistories({ query: reads.query, client, toWallClock })
  const queryEvents = createEventQueries({ query: reads.query, client, read: histories })
  const pause = createPause({ query, client })
  const prune = createPrune({ query, client, slot })
  const readStats = createStats({ query, client })
  const writes = createWriteCheck({ query, client, slot, monotonic })

  async function count(sql: string, parameters: Parameters<typeof query>[1]): Promise<number> {
    const [row] = await query<{ rows: number }>(`SELECT ${sql} AS rows`, parameters)
    return row?.rows ?? 0
  }
  const deadLetters = createDeadLetters({
    query: reads.query,
    client,
    read: histories,
    replay: (sequences) => count('inbox_replay_2($1, $2, $3, $4)', [client, slot, now(), sequences]),
    drop: (sequences) => count('inbox_drop_2($1, $2, $3)', [client, slot, sequences]),
  })

  /** Undefined if this node lost the right meanwhile, also if it has it again: what it read may be stale. */
  async function inOneEpoch<Read extends Claim | Claim[] | undefined>(read: () => Promise<Read>) {
    nodes.require()
    const epoch = nodes.epoch()
    const found = await read()
    if (nodes.epoch() === epoch) return found
    for (const claim of [found ?? []].flat()) leases.release(claim)
    return undefined
  }

  function tellOwner(): void {
    if (nodes.epoch() === undefined) nodes.tell('work')
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    await Promise.all([appends.idle(), settlements.idle()])
    await nodes.close()
    await Promise.all([work.close(), reads.close()])
  }

  return {
    append: async (events) => {
      const result = await writes.watch(appends.append(events))
      if (result.kind === 'appended' && result.results.includes('accepted')) {
        claims.changed()
        notifyListeners()
        tellOwner()
      }
      return result
    },
    claim: async (request) => (await inOneEpoch(() => claims.claim(request))) ?? [],
    borrow: (request) => inOneEpoch(() => claims.borrow(request)),
    settle: async (claim, settlement) => {
      const result = await settlements.run({ claim, settlement })
      // Without remaining events, what was read ahead stays valid.
      if (settlement.outcomes.length < claim.events.length || claim.events.length === 0) claims.changed()
      notifyListeners()
      return result
    },
    noteEnded: async (conversationIds) => {
      await appends.noteEnded(conversationIds)
      claims.changed()
    },
    nextDueAt: async () => {
      const [row] = await query<{ due: number | null }>(
        'SELECT due_at AS due FROM inbox_participants WHERE client = $1 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1',
        [client],
      )
      return row?.due == null ? undefined : toWallClock(row.due)
    },
    expire: ({ acceptedBefore, limit }) =>
      claims.exclusively(() => {
        nodes.require()
        const parameters = [acceptedBefore, limit, leases.asJson(monotonic())]
        return count('inbox_expire_2($1, $2, $3, $4, $5, $6)', [
          client,
          nodes.epoch() ?? -1,
          now(),
          ...parameters,
        ])
      }),
    prune: async ({ before, limit }) => {
      const rows = await prune(before, limit)
      if (rows > 0) claims.changed()
      return rows
    },
    stats: async () => ({ ...(await readStats()), inFlight: leases.inFlight(monotonic()) }),
    events: queryEvents,
    event: async (identity) => {
      const { items } = await histories({
        conditions: ['e.identity = $2'],
        parameters: [identity],
        order: 'ASC',
        limit: 1,
      })
      const [history] = items
      if (history === undefined) return undefined
      const { conversationId, participantId = '' } = history.event
      const known = knownValuesOf(await readKnown(reads.query, client, { conversationId, participantId }))
      return { history, known }
    },
    deadLetters: deadLetters.list,
    countDeadLetters: deadLetters.count,
    replay: async (selection) => {
      const replayed = await deadLetters.replay(selection)
      if (replayed > 0) {
        claims.changed()
        notifyListeners()
        tellOwner()
      }
      return replayed
    },
    drop: deadLetters.drop,
    deliveryPause: pause.get,
    setDeliveryPause: async (next) => {
      await pause.set(next)
      nodes.tell('pause')
    },
    nodes,
    checkWritable: writes.check,
    onWork: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
