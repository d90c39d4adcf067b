import { EventEmitter } from 'node:events'
import type pg from 'pg'
import {
  type Client,
  type Connection,
  type OpenConnection,
  openConnection,
} from '../../../src/inbox/postgres/open-connection.ts'
import type { Owner } from '../../helpers/folder.ts'

/**
 * Keeps the connections that an inbox has closed for the next inbox: a new connection and the first call of each function on it cost
 * 90 ms of CPU, more than most tests. Ends the connections after the tests.
 */
export function keepConnections(t: Owner): OpenConnection {
  const all = new Map<string, Connection[]>()
  t.after(() => Promise.all([...all.values()].flat().map(({ client }) => client.end())))
  return async (location, host, onLost) => {
    const { user, database, options } = location
    const key = JSON.stringify([host, user, database, options])
    const free = all.get(key) ?? []
    all.set(key, free)
    let connection = free.pop()
    while (connection?.isBroken) connection = free.pop()
    connection ??= await openConnection(location, host, () => {})
    const kept = connection
    return lend(kept, onLost, () => free.push(kept))
  }
}

/** A connection for one inbox. Its end gives the kept one back, unless a statement is under way. */
function lend(kept: Connection, onLost: (connection: Connection) => void, giveBack: () => void): Connection {
  const events = new EventEmitter()
  let running = 0
  let isLent = true
  const query = async (...args: [string, unknown[]?]) => {
    if (!isLent) throw Object.assign(new Error('the connection has ended'), { code: 'ECONNRESET' })
    running += 1
    try {
      return await kept.client.query(...args)
    } finally {
      running -= 1
    }
  }
  const notify = (message: pg.Notification) => events.emit('notification', message)
  kept.client.on('notification', notify)

  function end(): void {
    if (!isLent) return
    isLent = false
    kept.client.off('notification', notify)
    events.emit('end')
    onLost(connection)
    if (running > 0 || kept.isBroken) kept.destroy()
    // The inbox leaves no other state of the session.
    else kept.client.query('UNLISTEN *').then(giveBack, kept.destroy)
  }

  const client = Object.assign(events, { query, end: async () => end() }) as unknown as Client
  const connection: Connection = { client, destroy: end, isBroken: false, isUnconfirmed: false }
  return connection
}
