import { type Durability, type Inbox, type InboxOptions, InboxUnavailableError } from '../inbox.ts'
import { configurationError } from './configuration-error.ts'
import { type Connections, createConnections } from './connections.ts'
import { createDeferredInbox } from './deferred-inbox.ts'
import { readDurability } from './durability.ts'
import { checkEncoding } from './encoding.ts'
import { createEngine } from './engine.ts'
import { asOpenError, asUnavailable, isServerFailure } from './failures.ts'
import { type Location, parseLocation } from './location.ts'
import { migrate } from './migrations.ts'
import { acquireOwnership } from './ownership.ts'
import { requireFinished } from './transfer/state.ts'

export interface PostgresInboxOptions extends Omit<InboxOptions, 'url'> {
  /** The URL without its scheme. */
  readonly location: string
  /** How long a node that died keeps the delivery from the next one. */
  readonly ownershipLeaseMs?: number
  /** Longest time of a statement. */
  readonly statementTimeoutMs?: number
}

/** Open connections of one process: for the work of the service, and for the reads of operators. */
const maxWorkConnections = 4
const maxReadConnections = 2
const statementTimeoutMsByDefault = 10_000
const ownershipLeaseMsByDefault = 10_000
const firstRetryMs = 250
const longestRetryMs = 5_000

const realTime = () => performance.now()

/**
 * Opens the inbox. If the server cannot be reached yet, or another process still owns the delivery, it returns an inbox that refuses
 * everything until it is open. Throws `InboxOpenError` if a later attempt cannot succeed either.
 */
export async function openPostgresInbox(options: PostgresInboxOptions): Promise<Inbox> {
  const location = parseLocation(options.location)
  const { onServerNotice = () => {} } = options
  const connect = (max: number): Connections =>
    createConnections({
      location,
      max,
      timeoutMs: options.statementTimeoutMs ?? statementTimeoutMsByDefault,
      monotonic: realTime,
    })
  const work = connect(maxWorkConnections)
  const reads = connect(maxReadConnections)
  const listeners = new Set<() => void>()
  let engine: Inbox | undefined
  let durability: Durability | undefined
  let unavailable = new InboxUnavailableError({ cause: 'The inbox is being opened', remedy: 'Wait' })
  let isClosed = false
  let wait: { readonly timer: NodeJS.Timeout; end(): void } | undefined

  async function tryToOpen(): Promise<void> {
    await checkEncoding(work, location)
    await migrate(work, location.shown)
    const client = options.client ?? (await onlyClient(work, location))
    await requireFinished(work.query, client, location)
    const found = await readDurability(work.query)
    if (options.requireSyncStandby === true && !found.hasSyncStandby)
      throw configurationError(
        `The inbox ${location.shown} has no synchronous standby, which STORE_REQUIRE_SYNC_STANDBY=true demands: set synchronous_standby_names on the server and keep synchronous_commit=on, or remove the setting`,
      )
    const ownership = await acquireOwnership({
      query: work.query,
      client,
      leaseMs: options.ownershipLeaseMs ?? ownershipLeaseMsByDefault,
      // The lease runs by the clock of the server, so its holder counts real time too.
      monotonic: realTime,
      onChange: (isOwner) => {
        noteOwnership(isOwner)
        if (isOwner) notifyListeners()
      },
    })
    const [last] = await work.query<{ at: number | null }>(
      'SELECT max(accepted_at) AS at FROM (SELECT accepted_at FROM inbox_events WHERE client = $1 ORDER BY sequence DESC LIMIT 1000) e',
      [client],
    )
    const opened = createEngine({ ...options, client, ownership, work, reads, lastAcceptedAt: last?.at ?? 0 })
    if (isClosed) return opened.close()
    opened.onWork(notifyListeners)
    durability = { survives: found.survives, warnings: found.warnings }
    engine = opened
    const { survives } = durability
    for (const cause of durability.warnings)
      onServerNotice({
        level: 'warn',
        message: 'setting of the server',
        server: location.shown,
        cause,
        survives,
      })
    onServerNotice({ level: 'info', message: 'inbox open', server: location.shown, survives })
  }

  function notifyListeners(): void {
    for (const listener of listeners) listener()
  }

  function noteOwnership(isOwner: boolean): void {
    const server = location.shown
    if (isOwner) onServerNotice({ level: 'info', message: 'delivery resumed', server })
    else
      onServerNotice({
        level: 'error',
        message: 'delivery stopped',
        server,
        cause: 'The right to deliver was not renewed in time, or another process has it',
        remedy: 'Check the connection to the server, and that only one process uses this inbox',
      })
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
      await Promise.all([work.close(), reads.close()])
      throw final
    }
    opening = keepTrying()
    opening.catch(() => {}) // `opened` reports it
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    isClosed = true
    clearTimeout(wait?.timer)
    wait?.end()
    if (engine === undefined) await Promise.all([work.close(), reads.close()])
    else await engine.close()
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
    opened: () => opening,
    durability: () => durability,
    close: () => {
      closing ??= close()
      return closing
    },
  })
}

async function onlyClient({ query }: Connections, { shown }: Location): Promise<string> {
  const clients = await query<{ client: string }>('SELECT client FROM inbox_owners ORDER BY client LIMIT 2')
  const [only, another] = clients
  if (only === undefined || another !== undefined)
    throw configurationError(
      `The inbox ${shown} has the events of ${only === undefined ? 'no' : 'several'} OAuth clients: set GENESYS_CLIENT_ID to the one that you mean`,
    )
  return only.client
}
