import { type Inbox, type InboxOptions, InboxUnavailableError, type NodeOptions } from '../inbox.ts'
import { processName } from '../this-node.ts'
import { checkEncoding, onlyClient } from './check-database.ts'
import { type Connections, createConnections } from './connections.ts'
import { createDeferredInbox, createDeferredNodes } from './deferred-inbox.ts'
import { createDurabilityWatch } from './durability-watch.ts'
import { createEngine, type Engine } from './engine.ts'
import { asOpenError, asUnavailable, isServerFailure } from './failures.ts'
import { parseLocation } from './location.ts'
import { migrate } from './migrations.ts'
import type { OpenConnection } from './open-connection.ts'
import { requireFinished } from './transfer/state.ts'

export interface PostgresInboxOptions extends Omit<InboxOptions, 'url'> {
  /** The URL without its scheme. */
  readonly location: string
  /** Longest time of a statement. */
  readonly statementTimeoutMs?: number
  /** Opens a connection. For tests, which keep connections from inbox to inbox. */
  readonly openConnection?: OpenConnection
}

/** Open connections of one process: for the work of the service, and for the reads of operators. */
const maxWorkConnections = 4
const maxReadConnections = 2
const statementTimeoutMsByDefault = 10_000
/** A renewal gives up after a third of the lease, but a new connection to a distant server takes a while. */
const shortestRenewalMs = 1_000
const firstRetryMs = 250
const longestRetryMs = 5_000

const realTime = () => performance.now()

const nodeByDefault: NodeOptions = {
  id: processName(),
  role: 'all',
  leaseMs: 10_000,
  rulesVersion: () => undefined,
}

/**
 * Opens the inbox. If the server cannot be reached yet, it returns an inbox that refuses everything until it is open. Throws `InboxOpenError` if a later attempt cannot succeed either.
 */
export async function openPostgresInbox(options: PostgresInboxOptions): Promise<Inbox> {
  const location = parseLocation(options.location)
  const { onServerNotice = () => {}, node = nodeByDefault } = options
  const { statementTimeoutMs = statementTimeoutMsByDefault } = options
  const connect = (max: number, longestMs = statementTimeoutMs): Connections => {
    const timeoutMs = Math.min(longestMs, statementTimeoutMs)
    const open = options.openConnection
    return createConnections({ location, max, timeoutMs, monotonic: realTime, ...(open && { open }) })
  }
  const work = connect(maxWorkConnections)
  const reads = connect(maxReadConnections)
  const listening = connect(1)
  const renewing = connect(1, Math.max(shortestRenewalMs, node.leaseMs / 3))
  const listeners = new Set<() => void>()
  const deferredNodes = createDeferredNodes()
  let engine: Engine | undefined
  /** It may have the right to deliver already, which it must give back. */
  let joining: Engine | undefined
  const durability = createDurabilityWatch({
    query: reads.query,
    shown: location.shown,
    requireSyncStandby: options.requireSyncStandby ?? false,
    onServerNotice,
  })
  let unavailable = new InboxUnavailableError({ cause: 'The inbox is being opened', remedy: 'Wait' })
  let isClosed = false
  let isLeaving = false
  let wait: { readonly timer: NodeJS.Timeout; end(): void } | undefined

  async function tryToOpen(): Promise<void> {
    await checkEncoding(work, location)
    await migrate(work, location.shown)
    const client = options.client ?? (await onlyClient(work, location, node))
    await requireFinished(work.query, client, location)
    await durability.read()
    const [last] = await work.query<{ at: number | null }>(
      'SELECT max(accepted_at) AS at FROM (SELECT accepted_at FROM inbox_events WHERE client = $1 ORDER BY sequence DESC LIMIT 1000) e',
      [client],
    )
    const lastAcceptedAt = last?.at ?? 0
    const opened = createEngine({
      ...options,
      client,
      node,
      realTime,
      work,
      reads,
      listening,
      renewing,
      lastAcceptedAt,
    })
    if (isClosed) return opened.close()
    joining = opened
    opened.onWork(notifyListeners)
    opened.nodes.onChange(noteDelivery)
    deferredNodes.attach(opened.nodes)
    await opened.nodes.join()
    if (isClosed) return
    durability.start()
    engine = opened
    const { survives } = durability.current() ?? {}
    onServerNotice({
      level: 'info',
      message: 'inbox open',
      server: location.shown,
      ...(survives && { survives }),
    })
    if (node.role !== 'ingest' && !opened.nodes.mayDeliver())
      onServerNotice({
        level: 'info',
        message: 'another node delivers, this one stands by',
        server: location.shown,
      })
  }

  function notifyListeners(): void {
    for (const listener of listeners) listener()
  }

  function noteDelivery(mayDeliver: boolean): void {
    const server = location.shown
    if (mayDeliver) onServerNotice({ level: 'info', message: 'this node delivers', server })
    else if (!isLeaving)
      onServerNotice({
        level: 'warn',
        message: 'this node no longer delivers',
        server,
        cause: 'It did not renew its right to deliver in time',
        remedy: 'If no other node delivers, check the connection to the server',
      })
    if (mayDeliver) notifyListeners()
  }

  /** Resolves when the inbox is open. */
  async function keepTrying(): Promise<void> {
    for (let delayMs = firstRetryMs; !isClosed; delayMs = Math.min(longestRetryMs, 2 * delayMs)) {
      await pause(delayMs)
      if (isClosed) break
      const error = await tryToOpen().then(
        () => undefined,
        (caught: unknown) => caught,
      )
      if (error === undefined) {
        notifyListeners()
        return
      }
      refuse(error)
    }
    return new Promise(() => {}) // closed before it was open
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      wait = { timer: setTimeout(resolve, ms), end: resolve }
    })
  }

  /** Throws if a later attempt cannot succeed. */
  function refuse(error: unknown): void {
    const final = asOpenError(error, location)
    if (final !== undefined) throw final
    const before = unavailable.why.cause
    unavailable = asUnavailable(error, location)
    const { cause, remedy } = unavailable.why
    if (cause !== before)
      onServerNotice({
        level: 'warn',
        message: 'inbox not open, trying again',
        server: location.shown,
        cause,
        remedy,
      })
  }

  let opening: Promise<void> = Promise.resolve()
  try {
    await tryToOpen()
  } catch (error) {
    try {
      refuse(error)
    } catch (final) {
      await closeAll()
      throw final
    }
    opening = keepTrying()
    opening.catch(() => {}) // `opened` reports it
  }

  async function closeAll(): Promise<void> {
    await Promise.all([work, reads, listening, renewing].map((connections) => connections.close()))
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    isClosed = true
    isLeaving = true
    clearTimeout(wait?.timer)
    wait?.end()
    durability.stop()
    await (engine ?? joining)?.close()
    await closeAll()
  }

  return createDeferredInbox({
    current: () => {
      if (engine === undefined) throw unavailable
      return engine
    },
    // An error of the values or of the code stays what it is: a later attempt would fail too.
    toFailure: (error) => (isServerFailure(error) ? asUnavailable(error, location) : error),
    onWork: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    nodes: {
      ...deferredNodes.nodes,
      handOver: () => {
        isLeaving = true
        return deferredNodes.nodes.handOver()
      },
    },
    opened: () => opening,
    durability: durability.current,
    close: () => {
      closing ??= close()
      return closing
    },
  })
}
