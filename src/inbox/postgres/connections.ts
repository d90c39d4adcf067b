import { systemCodeOf } from '../../errors.ts'
import { asOpenError, asUnavailable, StatementTimeoutError, UnconfirmedCommitError } from './failures.ts'
import type { Location } from './location.ts'
import { type Connection, type OpenConnection, openConnection, type Row } from './open-connection.ts'
import { withTimeout } from './with-timeout.ts'

export type Parameter = string | number | boolean | null | readonly (string | number | null)[]

/** Runs one statement. Rejects with the error of the server or the connection. */
export type Query = <Result extends Row>(
  sql: string,
  parameters?: readonly Parameter[],
) => Promise<readonly Result[]>

export interface Connections {
  /** Runs one statement, which is a transaction of its own. Repeats it after a deadlock. */
  readonly query: Query
  /** Runs statements in one transaction. */
  transaction<Result>(run: (query: Query) => Promise<Result>, timeoutMs: number): Promise<Result>
  /** Takes a connection for as long as the caller needs it. `release` ends the connection. */
  hold(): Promise<Pick<Connection, 'client'> & { release(): void }>
  /** Open connections. */
  size(): number
  /** Ends every connection. Idempotent. */
  close(): Promise<void>
}

interface ConnectionsDeps {
  readonly location: Location
  /** Most open connections. */
  readonly max: number
  /** Longest time of a statement, with the wait for a connection. */
  readonly timeoutMs: number
  /** Ms of a clock that never jumps. */
  readonly monotonic: () => number
  readonly open?: OpenConnection
}

const firstBackoffMs = 100
const longestBackoffMs = 2_000
const maxDeadlocks = 5
const deadlocks: ReadonlySet<string> = new Set(['40P01', '40001', '55P03'])
const readOnly = '25006'
/** The connection cannot be used further: the server is read-only now, or shuts down. */
const isFatal = (code: string): boolean => code === readOnly || code.startsWith('57P')

/**
 * Keeps up to `max` connections to the first host that accepts writes. While no host answers, statements fail at once until the next
 * attempt, so that a failed server costs no work. It uses no prepared statements and no state of a session, so it works through
 * PgBouncer in transaction mode.
 */
export function createConnections({
  location,
  max,
  timeoutMs,
  monotonic,
  open = openConnection,
}: ConnectionsDeps): Connections {
  const idle: Connection[] = []
  const waiting: ((connection: Connection | undefined) => void)[] = []
  const all = new Set<Connection>()
  let opening = 0
  let nextHost = 0
  let failure: { readonly error: unknown; readonly until: number; readonly backoffMs: number } | undefined
  let isClosed = false

  async function connect(): Promise<Connection> {
    if (failure !== undefined && monotonic() < failure.until) throw failure.error
    const errors: unknown[] = []
    for (let tried = 0; tried < location.hosts.length; tried += 1) {
      const host = location.hosts[nextHost % location.hosts.length]
      try {
        if (host === undefined) break
        const connection = await open(location, host, lost)
        all.add(connection)
        return connection
      } catch (error) {
        errors.push(error)
        nextHost += 1
      }
    }
    // Wrong settings of one host are no reason to give up while another one may come back.
    const error = errors.find((one) => asOpenError(one, location) === undefined) ?? errors.at(-1)
    failed(error)
    throw error
  }

  function lost(connection: Connection): void {
    all.delete(connection)
    const at = idle.indexOf(connection)
    if (at >= 0) idle.splice(at, 1)
  }

  /** Until the next statement succeeds, the waits before new connections grow. */
  function failed(error: unknown): void {
    const backoffMs = Math.min(longestBackoffMs, (failure?.backoffMs ?? firstBackoffMs / 2) * 2)
    failure = { error, until: monotonic() + backoffMs, backoffMs }
  }

  async function acquire(): Promise<Connection> {
    if (isClosed) throw asUnavailable(Object.assign(new Error('closed'), { code: 'CLOSED' }), location)
    const free = idle.pop()
    if (free !== undefined) return free
    if (all.size + opening < max) {
      opening += 1
      try {
        return await connect()
      } finally {
        opening -= 1
        // The connection failed: another waiting statement may try.
        if (all.size === 0) waiting.shift()?.(undefined)
      }
    }
    const given = await new Promise<Connection | undefined>((resolve) => waiting.push(resolve))
    return given ?? acquire()
  }

  function releaseConnection(connection: Connection): void {
    if (connection.isBroken || isClosed) {
      connection.destroy()
      all.delete(connection)
      waiting.shift()?.(undefined)
      return
    }
    const next = waiting.shift()
    if (next === undefined) idle.push(connection)
    else next(connection)
  }

  async function use<Result>(run: (query: Query) => Promise<Result>, limitMs: number): Promise<Result> {
    const acquiring = acquire()
    const connection = await withTimeout(acquiring, limitMs).catch((error: unknown) => {
      acquiring.then(releaseConnection, () => {}) // may still come
      throw error
    })
    const query: Query = async <Result extends Row>(sql: string, parameters: readonly Parameter[] = []) => {
      const { rows } = await connection.client.query<Result>(sql, [...parameters])
      if (connection.isUnconfirmed) throw new UnconfirmedCommitError()
      return rows
    }
    try {
      const result = await withTimeout(run(query), limitMs)
      failure = undefined
      return result
    } catch (error) {
      const code = systemCodeOf(error, '')
      const isTimeout = error instanceof StatementTimeoutError
      if (isTimeout || error instanceof UnconfirmedCommitError || isFatal(code)) {
        connection.isBroken = true
        connection.destroy()
      }
      // The server may be gone without a word: the others would only fail as late.
      if (isTimeout) for (const other of idle.splice(0)) other.destroy()
      if (code === readOnly) failed(error)
      throw error
    } finally {
      releaseConnection(connection)
    }
  }

  return {
    query: async (sql, parameters) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await use((query) => query(sql, parameters), timeoutMs)
        } catch (error) {
          if (attempt >= maxDeadlocks || !deadlocks.has(systemCodeOf(error, ''))) throw error
        }
      }
    },
    transaction: (run, limitMs) =>
      use(async (query) => {
        await query('BEGIN')
        try {
          const result = await run(query)
          await query('COMMIT')
          return result
        } catch (error) {
          await query('ROLLBACK').catch(() => {})
          throw error
        }
      }, limitMs),
    hold: async () => {
      const connection = await acquire()
      const release = () => {
        connection.isBroken = true
        releaseConnection(connection)
      }
      return { client: connection.client, release }
    },
    size: () => all.size,
    close: async () => {
      isClosed = true
      for (const give of waiting.splice(0)) give(undefined)
      const ends = idle.splice(0).map(async (connection) => {
        await withTimeout(connection.client.end(), 1_000).catch(() => {})
        connection.destroy()
      })
      await Promise.all(ends)
      for (const connection of all) connection.destroy()
    },
  }
}
