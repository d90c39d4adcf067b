import { type NodeOptions, type Nodes, seesAllEvents } from '../inbox.ts'
import type { Connections, Query } from './connections.ts'
import { createOwnership, type Ownership } from './ownership.ts'
import { createSignals, type SignalKind } from './signals.ts'

interface NodesDeps {
  readonly query: Query
  /** For the right to deliver only. */
  readonly renewing: Connections
  /** Has one connection, for the signals of other nodes. */
  readonly listening: Connections
  readonly client: string
  readonly node: NodeOptions
  /** Ms of a clock that never jumps. */
  readonly monotonic: () => number
  /** Another node has delivered meanwhile: what this one read before is useless. */
  readonly onNewEpoch: () => void
  /** Another node may have stored events. */
  readonly onWork: () => void
}

/** This node among the others of its client. */
export interface NodesOfEngine extends Nodes, Pick<Ownership, 'require'> {
  /** Reports to the server for the first time, and from then on regularly. Rejects if the server does not answer. */
  join(): Promise<void>
  /** Tells the other nodes. */
  tell(kind: Exclude<SignalKind, 'owner'>): void
  close(): Promise<void>
}

/** How often the node that delivers looks for events of other nodes if their signals do not arrive. */
const pollMs = 200

export function createNodes(deps: NodesDeps): NodesOfEngine {
  const { query, client, node, monotonic, onWork } = deps
  const changeListeners = new Set<(mayDeliver: boolean) => void>()
  const pauseListeners = new Set<() => void>()
  let poll: NodeJS.Timeout | undefined
  let signals: ReturnType<typeof createSignals> | undefined
  let isClosed = false

  const ownership = createOwnership({
    query: deps.renewing.query,
    client,
    node,
    monotonic,
    onNewEpoch: deps.onNewEpoch,
    onChange: (mayDeliver) => {
      clearInterval(poll)
      if (mayDeliver)
        poll = setInterval(() => {
          if (signals?.areMissing() === true) lookForWork()
        }, pollMs)
      for (const listener of changeListeners) listener(mayDeliver)
    },
    onBeat: () => {
      for (const listener of pauseListeners) listener()
    },
  })

  /** Without a signal: only if other nodes may take events. */
  function lookForWork(): void {
    if (ownership.mayDeliver() && !seesAllEvents(ownership.nodes())) onWork()
  }

  function receive(kind: SignalKind): void {
    if (kind === 'work' && ownership.mayDeliver()) onWork()
    if (kind === 'pause') for (const listener of pauseListeners) listener()
    if (kind === 'owner') void ownership.beat().catch(() => {})
  }

  return {
    ...ownership,
    list: ownership.nodes,
    onChange: (listener) => void changeListeners.add(listener),
    onPause: (listener) => void pauseListeners.add(listener),
    join: async () => {
      await ownership.beat()
      if (isClosed) return
      signals = createSignals({
        query,
        listening: deps.listening,
        client,
        onSignal: receive,
        onGap: () => {
          lookForWork()
          receive('pause')
          receive('owner')
        },
      })
    },
    tell: (kind) => signals?.send(kind),
    handOver: async () => {
      await ownership.handOver()
      signals?.send('owner')
    },
    close: async () => {
      isClosed = true
      const hadRight = ownership.epoch() !== undefined
      // If the server does not answer, the right ends by itself.
      await ownership.close().catch(() => {})
      clearInterval(poll)
      if (hadRight) signals?.send('owner')
      await (signals?.close() ?? deps.listening.close())
      await deps.renewing.close()
    },
  }
}
