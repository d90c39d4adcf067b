import { InboxOpenError, type RecordedEvent, type RecordedQuery } from '../inbox.ts'
import { configurationError } from './configuration-error.ts'
import { type Connections, createConnections } from './connections.ts'
import { asOpenError, asUnavailable } from './failures.ts'
import { parseLocation } from './location.ts'
import { readSchema, supportedSchema } from './migrations.ts'

/** Limits the memory: one event can have up to MAX_BODY_BYTES. */
const pageSize = 100
const timeoutMs = 30_000

/** Reads the events of an inbox, newest first, of all its OAuth clients. It changes nothing, so a service may use the inbox. */
export async function* readRecorded(
  location: string,
  { limit, since = 0 }: RecordedQuery,
): AsyncGenerator<RecordedEvent> {
  const { connections, toOpenError } = connect(location)
  try {
    await requireInbox(connections)
    let before = Number.MAX_SAFE_INTEGER
    for (let left = limit; left > 0; ) {
      const size = Math.min(left, pageSize)
      const rows = await connections.query<{ sequence: number; accepted_at: number; event: string }>(
        `SELECT e.* FROM (SELECT DISTINCT client FROM inbox_counters) c CROSS JOIN LATERAL (
           SELECT sequence, accepted_at, event FROM inbox_events e
           WHERE e.client = c.client AND sequence < $1 AND accepted_at >= $2 ORDER BY sequence DESC LIMIT $3) e
         ORDER BY sequence DESC LIMIT $3`,
        [before, since, size],
      )
      for (const { sequence, accepted_at: acceptedAt, event } of rows)
        yield { sequence, acceptedAt, event: JSON.parse(event) }
      const last = rows.at(-1)
      if (last === undefined || rows.length < size) return
      before = last.sequence
      left -= rows.length
    }
  } catch (error) {
    throw toOpenError(error)
  } finally {
    await connections.close()
  }
}

/** The number of events that `readRecorded` would read now. Throws `InboxOpenError`. */
export async function countRecorded(location: string, { limit, since = 0 }: RecordedQuery): Promise<number> {
  const { connections, toOpenError } = connect(location)
  try {
    await requireInbox(connections)
    const [row] = await connections.query<{ count: number }>(
      'SELECT count(*) FROM (SELECT FROM inbox_events WHERE accepted_at >= $1 ORDER BY sequence DESC LIMIT $2) e',
      [since, Math.min(limit, Number.MAX_SAFE_INTEGER)],
    )
    return row?.count ?? 0
  } catch (error) {
    throw toOpenError(error)
  } finally {
    await connections.close()
  }
}

/** A connection for a command, which does not wait for the server. */
export function connect(text: string) {
  const location = parseLocation(text)
  const connections = createConnections({ location, max: 1, timeoutMs, monotonic: () => performance.now() })
  const toOpenError = (error: unknown): InboxOpenError =>
    asOpenError(error, location) ??
    new InboxOpenError(asUnavailable(error, location).message, { cause: error })
  return { connections, location, toOpenError }
}

async function requireInbox({ query }: Connections): Promise<void> {
  const { schema, usableBy } = await readSchema(query)
  if (schema === 0 || usableBy > supportedSchema)
    throw configurationError(
      'The database is not an inbox of this version: check STORE_URL and its search_path',
    )
}
