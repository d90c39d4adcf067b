import { Socket } from 'node:net'
import pg from 'pg'
import { systemCodeOf } from '../../errors.ts'
import { asUnavailable, noTls, StatementTimeoutError } from './failures.ts'
import type { Location } from './location.ts'

export type Parameter = string | number | boolean | null | readonly (string | number | null)[]

/** Runs one statement. Rejects with the error of the server or the connection. */
export type Query = <Row extends pg.QueryResultRow>(
  sql: string,
  parameters?: readonly Parameter[],
) => Promise<readonly Row[]>

export interface Connections {
  /** Runs one statement, which is a transaction of its own. Repeats it after a deadlock. */
  readonly query: Query
  /** Runs statements in one transaction. */
  transaction<Result>(run: (query: Query) => Promise<Result>, timeoutMs: number): Promise<Result>
  /** Takes a connection for as long as the caller needs it. `release` ends the connection. */
  hold(): Promise<{ readonly client: pg.Client; release(): void }>
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
}

interface Connection {
  readonly client: pg.Client
  /** Ends the connection at once, also if the server does not answer. */
  destroy(): void
  isBroken: boolean
}

const int8 = 20
const types: pg.CustomTypesConfig = {
  // Sequences, times and counts are safe integers.
  getTypeParser: (id, format) => (id === int8 ? Number : pg.types.getTypeParser(id, format as 'text')),
}

const firstBackoffMs = 100
const longestBackoffMs = 2_000
const maxDeadlocks = 5
const deadlocks: ReadonlySet<string> = new Set(['40P01', '40001', '55P03'])
/** The connection cannot be used further: the server is read-only now, or shuts down. */
const isFatal = (code: string): boolean => code === '25006' || code.startsWith('57P')

/**
 * Keeps up to `max` connections to the first host that accepts writes. While no host answers, statements fail at once until the next
 * attempt, so that a failed server costs no work. It uses no prepared statements and no state of a session, so it works through
 * PgBouncer in transaction mode.
 */
export function createConnections({ location, max, timeoutMs, monotonic }: ConnectionsDeps): Connections {
  const idle: Connection[] = []
  const waiting: ((connection: Connection | undefined) => void)[] = []
  const all = new Set<Connection>()
  let opening = 0
  let nextHost = 0
  let failure: { readonly error: unknown; readonly until: number; readonly backoffMs: number } | undefined
  let isClosed = false

  async function connectTo({ host, port }: Location['hosts'][number]): Promise<Connection> {
    const socket = new Socket()
    const { user, password, database, tls, options, connectTimeoutMs } = location
    const client = new pg.Client({
      host,
      port,
      user,
      // A function, so that no variable of the environment takes its place.
      password: () => password,
      database,
      ssl: tls,
      ...(options !== undefined && { options }),
      application_name: 'genesys-enricher',
      client_encoding: 'UTF8',
      keepAlive: true,
      stream: () => socket,
      types,
    })
    const connection: Connection = { client, destroy: () => socket.destroy(), isBroken: false }
    const lost = () => {
      connection.isBroken = true
      all.delete(connection)
      const at = idle.indexOf(connection)
      if (at >= 0) idle.splice(at, 1)
    }
    client.on('error', lost)
    client.on('end', lost)
    let offersTls = true
    // The first byte of the answer to the request for TLS: S or N.
    if (tls !== false)
      socket.once('data', (answer: Buffer) => {
        offersTls = answer[0] !== 'N'.charCodeAt(0)
      })
    try {
      await withTimeout(client.connect(), connectTimeoutMs)
      if (location.hosts.length > 1) {
        const asked = client.query<{ read_only: string }>(
          "SELECT current_setting('transaction_read_only') AS read_only",
        )
        const { rows } = await withTimeout(asked, connectTimeoutMs)
        if (rows[0]?.read_only === 'on') throw Object.assign(new Error('read-only'), { code: '25006' })
      }
    } catch (error) {
      connection.destroy()
      throw offersTls ? error : Object.assign(new Error('no TLS', { cause: error }), { code: noTls })
    }
    all.add(connection)
    return connection
  }

  async function connect(): Promise<Connection> {
    if (failure !== undefined && monotonic() < failure.until) throw failure.error
    let error: unknown
    for (let tried = 0; tried < location.hosts.length; tried += 1) {
      const host = location.hosts[nextHost % location.hosts.length]
      try {
        if (host === undefined) break
        const connection = await connectTo(host)
        failure = undefined
        return connection
      } catch (caught) {
        error = caught
        nextHost += 1
      }
    }
    const backoffMs = Math.min(longestBackoffMs, (failure?.backoffMs ?? firstBackoffMs / 2) * 2)
    failure = { error, until: monotonic() + backoffMs, backoffMs }
    throw error
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
    const query: Query = async <Row extends pg.QueryResultRow>(
      sql: string,
      parameters: readonly Parameter[] = [],
    ) => (await connection.client.query<Row>(sql, [...parameters])).rows
    try {
      return await withTimeout(run(query), limitMs)
    } catch (error) {
      if (error instanceof StatementTimeoutError || isFatal(systemCodeOf(error, ''))) {
        connection.isBroken = true
        connection.destroy()
      }
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

/** Rejects after the time. The work goes on; its caller destroys the connection. */
async function withTimeout<Result>(work: Promise<Result>, ms: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StatementTimeoutError(`no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
