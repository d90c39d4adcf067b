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
  /** Called for each signal of another node; with every kind after a lost connection, because some may have been lost with it. */
  readonly onSignal: (kind: SignalKind) => void
}

/** How long the test signal of a new connection may take. */
const testMs = 2_000
const retryMs = 1_000
/** Shortest time between two statements that send signals. */
const spacingMs = 20

/** Signals between the nodes of one client, by LISTEN and NOTIFY. */
export function createSignals({ query, listening, client, onSignal }: SignalsDeps): Signals {
  const self = randomUUID()
  const pending = new Set<SignalKind>()
  let sending: Promise<void> | undefined
  let state: 'new' | 'arriving' | 'missing' = 'new'
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  const channelSql = "'enricher_' || md5(current_schema() || '/' || $1)"

  /** The first signal goes at once. One statement at a time: signals that come meanwhile share the next one. Not part of an append, because NOTIFY makes commits wait for each other. */
  async function sendAll(): Promise<void> {
    while (pending.size > 0) {
      const payloads = [...pending].map((kind) => `${kind} ${self}`)
      pending.clear()
      await query(`SELECT pg_notify(${channelSql}, payload) FROM unnest($2::text[]) AS payload`, [
        client,
        payloads,
      ]).catch(() => {}) // the others look by themselves
      if (!isClosed) await new Promise((resolve) => setTimeout(resolve, spacingMs))
    }
    sending = undefined
  }

  function receive(payload: string, test: string, whenTested: () => void): void {
    const [kind, sender] = payload.split(' ')
    if (kind === 'test' && sender === test) whenTested()
    const known = kinds.find((each) => each === kind)
    if (known !== undefined && sender !== self) onSignal(known)
  }

  async function listen(): Promise<'lost' | 'useless'> {
    const held = await listening.hold()
    try {
      const lost = new Promise<'lost'>((resolve) => held.client.once('end', () => resolve('lost')))
      const test = randomUUID()
      const tested = new Promise<'tested'>((resolve) =>
        held.client.on('notification', ({ payload = '' }) => receive(payload, test, () => resolve('tested'))),
      )
      const { rows } = await held.client.query<{ channel: string }>(`SELECT ${channelSql} AS channel`, [
        client,
      ])
      await held.client.query(`LISTEN "${rows[0]?.channel}"`)
      await query(`SELECT pg_notify(${channelSql}, $2)`, [client, `test ${test}`])
      let limit: NodeJS.Timeout | undefined
      const late = new Promise<'useless'>((resolve) => {
        limit = setTimeout(resolve, testMs, 'useless')
      })
      const result = await Promise.race([lost, tested, late])
      clearTimeout(limit)
      if (result !== 'tested') return result
      if (state === 'missing') for (const kind of kinds) onSignal(kind)
      state = 'arriving'
      return await lost
    } finally {
      state = 'missing'
      held.release()
    }
  }

  async function keepListening(): Promise<void> {
    const end = await listen().catch(() => 'lost' as const)
    if (isClosed || end === 'useless') return
    timer = setTimeout(() => void keepListening(), retryMs)
  }
  void keepListening()

  return {
    send: (kind) => {
      if (isClosed) return
      pending.add(kind)
      sending ??= sendAll()
    },
    areMissing: () => state === 'missing',
    close: async () => {
      isClosed = true
      await sending
      clearTimeout(timer)
      await listening.close()
    },
  }
}
