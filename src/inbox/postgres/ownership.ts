import { randomUUID } from 'node:crypto'
import { InboxUnavailableError, type NodeOptions, type NodeStatus } from '../inbox.ts'
import type { Query } from './connections.ts'

interface OwnershipDeps {
  /** Must not wait behind other statements, and must give up well within a lease. */
  readonly query: Query
  readonly client: string
  readonly node: NodeOptions
  /** Ms of a clock that never jumps. */
  readonly monotonic: () => number
  /** Another node has delivered meanwhile, or this one delivers for the first time. */
  readonly onNewEpoch: () => void
  /** `mayDeliver` has changed. */
  readonly onChange: (mayDeliver: boolean) => void
  /** The server has answered, not more often than needed to be seen. */
  readonly onBeat: () => void
}

/** The right to deliver the events of a client, which one node has at a time. */
export interface Ownership {
  /** The epoch; undefined: another node may deliver now. */
  epoch(): number | undefined
  /** Whether this node may start a call now. It then has an epoch; it waits first if the one before asked for it. */
  mayDeliver(): boolean
  /** Throws `InboxUnavailableError` if another node may deliver. */
  require(): void
  nodes(): readonly NodeStatus[]
  /** Renews the lease, or tries to take it, now; and from the first success on regularly. */
  beat(): Promise<void>
  /** A node that takes over makes no call for that long. */
  holdSuccessor(ms: number): void
  /** Gives up the right to deliver, so that the next node need not wait for its end. Idempotent. */
  handOver(): Promise<void>
  /** Hands over, and removes this node from the list. */
  close(): Promise<void>
}

interface Beat {
  readonly epoch: number | null
  readonly hold_ms: number
  readonly nodes: readonly (Omit<NodeStatus, 'id' | 'isThis' | 'rulesVersion'> & {
    readonly node: string
    readonly name: string
    readonly rulesVersion: string | null
  })[]
}

const beatSql = 'SELECT * FROM inbox_beat_2($1, $2, $3, $4, $5, $6, $7)'
const handOverSql =
  'UPDATE inbox_owners SET expires_at = clock_timestamp() WHERE client = $1 AND node = $2 AND expires_at > clock_timestamp()'
const holdSql = `UPDATE inbox_owners SET calls_from = clock_timestamp() + $4 * interval '1 millisecond'
  WHERE client = $1 AND node = $2 AND epoch = $3`
const leaveSql = 'DELETE FROM inbox_nodes WHERE client = $1 AND node = $2'

const notOwner = new InboxUnavailableError({
  cause: 'Another node may deliver the events of this OAuth client, or the server does not answer',
  remedy: 'Check that the server runs and can be reached; the service tries again by itself',
})

/** So that a list of nodes shows within seconds that one has died. */
const longestBeatMs = 3_000
/** After a failure, and while a node stands by. */
const retryMs = 500
/** The right ends this much before the lease, so that calls that were cut off have ended when another node starts. */
const marginOf = (leaseMs: number) => Math.min(1_000, leaseMs / 10)

/**
 * Each node reports to the server, which gives the right to deliver to one of them for the length of a lease, by its own clock. Every write
 * of a delivery names the epoch of the right, so a node that lost it changes nothing. The holder counts the lease from before the
 * request was sent.
 */
export function createOwnership(deps: OwnershipDeps): Ownership {
  const { query, client, node, monotonic, onChange } = deps
  const { leaseMs } = node
  const beatMs = Math.min(leaseMs / 3, longestBeatMs)
  const self = randomUUID()
  let held: { readonly epoch: number; readonly until: number; readonly callsFrom: number } | undefined
  let lastEpoch: number | undefined
  let couldDeliver = false
  let nodes: readonly NodeStatus[] = []
  let handingOver: Promise<void> | undefined
  let isLeaving = false
  let isClosed = false
  let beating: Promise<void> | undefined
  let nextBeat: NodeJS.Timeout | undefined
  let nextCheck: NodeJS.Timeout | undefined
  let holdWrites: Promise<unknown> = Promise.resolve()
  let toldBeatAt = Number.NEGATIVE_INFINITY
  let hasJoined = false

  const current = () => (held !== undefined && monotonic() < held.until ? held : undefined)
  const mayDeliver = () => {
    const right = current()
    return right !== undefined && monotonic() >= right.callsFrom
  }

  /** Tells a change, also one that comes with time. */
  function check(): void {
    clearTimeout(nextCheck)
    const may = mayDeliver()
    if (may !== couldDeliver) {
      couldDeliver = may
      onChange(may)
    }
    const right = current()
    if (right === undefined || isClosed) return
    nextCheck = setTimeout(check, Math.max(1, (may ? right.until : right.callsFrom) - monotonic()))
  }

  async function report(): Promise<void> {
    const at = monotonic()
    const wantsToDeliver = node.role !== 'ingest' && !isLeaving
    const parameters = [
      client,
      self,
      node.id,
      node.role,
      node.rulesVersion() ?? null,
      leaseMs,
      wantsToDeliver,
    ]
    const [row] = await query<Beat & Record<string, unknown>>(beatSql, parameters)
    if (row === undefined) throw new Error('inbox_beat_2 returned no row')
    nodes = row.nodes.map(({ node: id, name, rulesVersion, ...status }) => ({
      ...status,
      id: name,
      rulesVersion: rulesVersion ?? undefined,
      isThis: id === self,
    }))
    check() // if the right has ended meanwhile, its calls are cut off before it begins again
    if (row.epoch === null || isLeaving) {
      held = undefined
      return
    }
    const isNew = row.epoch !== lastEpoch
    held = {
      epoch: row.epoch,
      until: at + leaseMs - marginOf(leaseMs),
      callsFrom: isNew ? monotonic() + row.hold_ms : callsFromAfter(held),
    }
    lastEpoch = row.epoch
    if (isNew) deps.onNewEpoch()
  }

  /** Calls that were cut off at the end of the right have then ended, as they have when another node starts. */
  function callsFromAfter(before: typeof held): number {
    if (before === undefined) return monotonic() + marginOf(leaseMs)
    const { until, callsFrom } = before
    return monotonic() < until ? callsFrom : Math.max(callsFrom, until + marginOf(leaseMs))
  }

  async function beatOnce(): Promise<void> {
    clearTimeout(nextBeat)
    try {
      await report()
      hasJoined = true
      schedule(held === undefined && node.role !== 'ingest' ? Math.min(retryMs, beatMs) : beatMs)
    } catch (error) {
      // The lease ends by itself.
      if (hasJoined) schedule(Math.min(retryMs, beatMs))
      throw error
    } finally {
      check()
    }
    if (monotonic() - toldBeatAt < beatMs - retryMs) return
    toldBeatAt = monotonic()
    deps.onBeat()
  }
  function schedule(ms: number): void {
    if (!isClosed) nextBeat = setTimeout(() => void beat().catch(() => {}), ms)
  }
  function beat(): Promise<void> {
    beating ??= beatOnce().finally(() => {
      beating = undefined
    })
    return beating
  }

  async function giveUp(): Promise<void> {
    isLeaving = true
    await beating?.catch(() => {})
    held = undefined
    check()
    await holdWrites
    // Also without an epoch: the server may have given the right in an answer that did not arrive.
    if (node.role !== 'ingest') await query(handOverSql, [client, self])
  }
  function handOver(): Promise<void> {
    handingOver ??= giveUp().catch((error: unknown) => {
      handingOver = undefined // `close` tries again
      throw error
    })
    return handingOver
  }

  return {
    epoch: () => current()?.epoch,
    mayDeliver,
    require: () => {
      if (current() === undefined) throw notOwner
    },
    nodes: () => nodes,
    beat,
    holdSuccessor: (ms) => {
      const right = current()
      if (right === undefined) return
      holdWrites = holdWrites.then(() => query(holdSql, [client, self, right.epoch, ms])).catch(() => {}) // the next node learns it from a 429
    },
    handOver,
    close: async () => {
      isClosed = true
      clearTimeout(nextBeat)
      clearTimeout(nextCheck)
      await handOver()
      await query(leaveSql, [client, self])
    },
  }
}
