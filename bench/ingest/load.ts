import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, type OpenConnection, openConnection } from './connection.ts'

/** Sends all requests as fast as possible. Returns requests per second. Throws if a response is not 202. */
export async function flood(
  url: string,
  requests: readonly Buffer[],
  connections: number,
  openOne: OpenConnection = openConnection,
): Promise<number> {
  return withConnections(url, connections, openOne, async (open) => {
    let next = 0
    const startedAt = performance.now()
    await Promise.all(
      open.map(async (connection) => {
        for (let request = requests[next++]; request !== undefined; request = requests[next++])
          await sendOne(connection, request)
      }),
    )
    return (requests.length * 1000) / (performance.now() - startedAt)
  })
}

/**
 * Sends the requests at a constant rate, even if earlier ones have no response yet. Returns the times from due time to
 * response, in ms, which includes waiting for a free connection.
 */
export async function pace(
  url: string,
  requests: readonly Buffer[],
  connections: number,
  perSecond: number,
  openOne: OpenConnection = openConnection,
): Promise<readonly number[]> {
  return withConnections(url, connections, openOne, async (open) => {
    const free = [...open]
    const times: number[] = []
    const due: { request: Buffer; at: number }[] = []
    const { promise: finished, resolve, reject } = Promise.withResolvers<void>()
    const dispatch = () => {
      for (let connection = free.at(-1); connection !== undefined; connection = free.at(-1)) {
        const job = due.shift()
        if (job === undefined) return
        free.pop()
        const used = connection
        sendOne(used, job.request).then(() => {
          times.push(performance.now() - job.at)
          free.push(used)
          if (times.length === requests.length) resolve()
          dispatch()
        }, reject)
      }
    }
    const startedAt = performance.now()
    let sent = 0
    while (sent < requests.length) {
      const upTo = Math.min(requests.length, Math.ceil(((performance.now() - startedAt) * perSecond) / 1000))
      for (; sent < upTo; sent += 1) {
        const request = requests[sent]
        if (request !== undefined) due.push({ request, at: startedAt + (sent * 1000) / perSecond })
      }
      dispatch()
      await sleep(1)
    }
    await finished
    return times
  })
}

async function withConnections<T>(
  url: string,
  count: number,
  openOne: OpenConnection,
  use: (open: readonly Connection[]) => Promise<T>,
): Promise<T> {
  const open = await Promise.all(Array.from({ length: count }, () => openOne(url)))
  try {
    return await use(open)
  } finally {
    for (const connection of open) connection.close()
  }
}

async function sendOne(connection: Connection, request: Buffer): Promise<void> {
  const status = await connection.send(request)
  if (status !== 202) throw new Error(`answered ${status}`)
}
