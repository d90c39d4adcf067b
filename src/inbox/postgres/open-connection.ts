import { Socket } from 'node:net'
import pg from 'pg'
import { noTls } from './failures.ts'
import type { Location } from './location.ts'
import { passwordFor } from './password-file.ts'
import { withTimeout } from './with-timeout.ts'

export type Row = pg.QueryResultRow

/** What the inbox uses of a client. */
export type Client = Pick<pg.Client, 'query' | 'end' | 'on' | 'once' | 'off'>

export interface Connection {
  readonly client: Client
  /** Ends the connection at once, also if the server does not answer. */
  destroy(): void
  isBroken: boolean
  /** The server gave up the wait for its synchronous standby, and reported the commit as a success all the same. */
  isUnconfirmed: boolean
}

const int8 = 20
const types: pg.CustomTypesConfig = {
  // Sequences, times and counts are safe integers.
  getTypeParser: (id, format) => (id === int8 ? Number : pg.types.getTypeParser(id, format as 'text')),
}

/**
 * The function of the server that warns of a commit which the standby did not confirm, because `pg_cancel_backend` ended the wait. The
 * code of the warning, 01000, is that of many others.
 * https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION-HA
 */
const standbyWait = 'SyncRepWaitForLSN'

/** Connects to a host. If there are several, rejects unless this one accepts writes. */
export type OpenConnection = (
  location: Location,
  host: Location['hosts'][number],
  onLost: (connection: Connection) => void,
) => Promise<Connection>

export const openConnection: OpenConnection = async (location, host, onLost) => {
  const socket = new Socket()
  const { user, database, tls, options, connectTimeoutMs } = location
  const client = new pg.Client({
    ...host,
    user,
    // A function, so that no variable of the environment takes its place. Called only if the server demands a password.
    password: () => passwordFor(location, host),
    database,
    ssl: tls,
    ...(options !== undefined && { options }),
    application_name: 'genesys-enricher',
    client_encoding: 'UTF8',
    keepAlive: true,
    stream: () => socket,
    types,
  })
  const connection: Connection = {
    client,
    destroy: () => socket.destroy(),
    isBroken: false,
    isUnconfirmed: false,
  }
  const lost = () => {
    connection.isBroken = true
    onLost(connection)
  }
  client.on('error', lost)
  client.on('end', lost)
  client.on('notice', ({ routine }) => {
    if (routine === standbyWait) connection.isUnconfirmed = true
  })
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
  return connection
}
