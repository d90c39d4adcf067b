import { randomUUID } from 'node:crypto'
import type { Connections, Query } from './connections.ts'

/** What a node tells the others. `work`: it stored events. `pause`: an operator's pause has changed. `owner`: the right to deliver is free. */
const kinds = ['work', 'pause', 'owner'] as const
export type SignalKind = (typeof kinds)[number]

export interface Signals {
  /** Tells the other nodes, soon and at least once. A signal can get lost with its connection, so they also look by themselves. */
  send(kind: SignalKind): void
  /** Whether signals of other nodes do not arrive. They do not through a pooler that shares connections between clients, such as PgBouncer in transaction mode. */
  areMissing(): boolean
  close(): Promise<void>
}

interface SignalsDeps {
  readonly query: Query
  /** Has one connection, for the signals of other nodes. */
  readonly listening: Connections
  readonly client: string
  /** Called for each signal of another node. */
  readonly onSignal: (kind: SignalKind) => void
  /** Called after a new connection: signals of any kind may have been lost before. */
  readonly onGap: () => void
}

/** How long a test signal may take. Until the first has arrived, and after one is late, the owner looks for events by itself. */
const testMs = 5_000
/** A connection can be lost without a word, behind a firewall that forgot it. */
const testEveryMs = 10_000
const retryMs = 1_000
/** A pooler stays one, but a server that was too slow for the first test recovers. */
const retryUselessMs = 60_000
/** Shortest time between two statements that send signals. */
const spacingMs = 20

/** Signals between the nodes of one client, by LISTEN and NOTIFY. */
export function createSignals({ query, listening, client, onSignal, onGap }: SignalsDeps): Signals {
  const self = randomUUID()
  const pending = new Set<SignalKind>()
  let sending: Promise<void> | undefined
  let isArriving = false
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  const channelSql = "'enricher_' || md5(current_schema() || '/' || $1)"
  const notify = (payloads: readonly string[]) =>
    query(`SELECT pg_notify(${channelSql}, payload) FROM unnest($2::text[]) AS payload`, [client, payloads])

  /** The first signal goes at once. One statement at a time: signals that come meanwhile share the next one. Not part of an append, because NOTIFY makes commits wait for each other. */
  async function sendAll(): Promise<void> {
    while (pending.size > 0) {
      const kinds = [...pending]
      pending.clear()
      const isSent = await notify(kinds.map((kind) => `${kind} ${self}`)).then(
        () => true,
        () => false,
      )
      if (isClosed) break
      if (!isSent) for (const kind of kinds) pending.add(kind)
      await new Promise((resolve) => setTimeout(resolve, isSent ? spacingMs : retryMs))
    }
    sending = undefined
  }

  /** The test signal that is under way. */
  let test: { readonly id: string; arrived(): void } | undefined

  function receive(payload: string): void {
    const [kind, sender] = payload.split(' ')
    if (kind === 'test' && sender === test?.id) test?.arrived()
    const known = kinds.find((each) => each === kind)
    if (known !== undefined && sender !== self) onSignal(known)
  }

  /** Whether a signal to this node arrives in time. */
  async function arrives(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const id = randomUUID()
    test = { id, arrived: () => resolve(true) }
    const limit = setTimeout(resolve, testMs, false)
    notify([`test ${id}`]).catch(() => resolve(false))
    return promise.finally(() => clearTimeout(limit))
  }

  async function listen(): Promise<'lost' | 'useless'> {
    const held = await listening.hold()
    const { promise: end, resolve } = Promise.withResolvers<'lost' | 'useless'>()
    held.client.once('end', () => resolve('lost'))
    held.client.on('notification', ({ payload = '' }) => receive(payload))
    const limit = setTimeout(resolve, testMs, 'lost')
    let tests: NodeJS.Timeout | undefined
    let isOver = false
    async function start(): Promise<void> {
      const { rows } = await held.client.query<{ channel: string }>(`SELECT ${channelSql} AS channel`, [
        client,
      ])
      await held.client.query(`LISTEN "${rows[0]?.channel}"`)
      clearTimeout(limit)
      if (!(await arrives())) return resolve('useless')
      if (isOver) return
      isArriving = true
      onGap()
      tests = setInterval(() => void arrives().then((isAlive) => isAlive || resolve('lost')), testEveryMs)
    }
    try {
      start().catch(() => resolve('lost'))
      return await end
    } finally {
      isOver = true
      isArriving = false
      test?.arrived() // nobody waits for it any more
      clearTimeout(limit)
      clearInterval(tests)
      held.release()
    }
  }

  async function keepListening(): Promise<void> {
    const end = await listen().catch(() => 'lost' as const)
    if (!isClosed) timer = setTimeout(() => void keepListening(), end === 'lost' ? retryMs : retryUselessMs)
  }
  void keepListening()

  return {
    send: (kind) => {
      if (isClosed) return
      pending.add(kind)
      sending ??= sendAll()
    },
    areMissing: () => !isArriving,
    close: async () => {
      isClosed = true
      await sending
      clearTimeout(timer)
      await listening.close()
    },
  }
}
