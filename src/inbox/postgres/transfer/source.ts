import { InboxOpenError } from '../../inbox.ts'
import type { TransferSource } from '../../transfer/stores.ts'
import { configurationError } from '../configuration-error.ts'
import type { Query } from '../connections.ts'
import { migrate, readSchema } from '../migrations.ts'
import { connect, nameOf, takeOwnership, timeoutMs } from './connect.ts'
import { createReader } from './reader.ts'
import { requireFinished } from './state.ts'

/**
 * Opens the inbox of a client for a copy, so that no service delivers from it. `given`: the client; undefined: the only one. Throws
 * `InboxOpenError`.
 */
export async function openSource(text: string, given: string | undefined): Promise<TransferSource> {
  const { connections, location } = connect(text)
  const { query } = connections
  try {
    if ((await readSchema(query)).schema === 0)
      throw new InboxOpenError(`There is no inbox in ${location.shown}: check the URL and its search_path`)
    await migrate(connections, location.shown)
    const client = await chooseClient(query, given, location.shown)
    await requireFinished(query, client, location)
    const ownership = await takeOwnership(query, client, location.shown)
    const reader = createReader({ connections, client, timeoutMs })
    return {
      name: await nameOf(query, client, location),
      client,
      ...reader,
      fingerprint: async () => {
        ownership.require()
        const { pause } = await reader.settings()
        return JSON.stringify([await reader.counts(), pause, await readMarks(query, client)])
      },
      close: async () => {
        await ownership.close().catch(() => {}) // it ends by itself
        await connections.close()
      },
    }
  } catch (error) {
    await connections.close()
    throw error
  }
}

async function readMarks(query: Query, client: string): Promise<unknown> {
  const rows = await query(
    `SELECT
      (SELECT max(sequence) FROM inbox_events WHERE client = $1) AS sequence,
      (SELECT max(settled_at) FROM inbox_events WHERE client = $1 AND settled_at IS NOT NULL) AS settled,
      (SELECT sum(attempts) FROM inbox_events WHERE client = $1) AS attempts,
      (SELECT count(*) FROM inbox_events WHERE client = $1 AND state = 'dead') AS dead,
      (SELECT max(known_at) FROM inbox_known_values WHERE client = $1) AS known,
      (SELECT max(failed_at) FROM inbox_participants WHERE client = $1) AS failed`,
    [client],
  )
  return rows[0]
}

async function chooseClient(query: Query, given: string | undefined, shown: string): Promise<string> {
  const rows = await query<{ client: string }>(
    'SELECT client FROM inbox_owners UNION SELECT client FROM inbox_counters ORDER BY client',
  )
  const stored = rows.map(({ client }) => client)
  const list = stored.length === 0 ? 'none' : stored.join(', ')
  if (given !== undefined && !stored.includes(given))
    throw configurationError(
      `The inbox ${shown} has no events of the OAuth client ${given}: name one of those that it has (${list}) with --client`,
    )
  const client = given ?? stored[0]
  if (client === undefined || (given === undefined && stored.length > 1))
    throw configurationError(
      `The inbox ${shown} has the events of several OAuth clients or of none (${list}): name the one that you mean with --client`,
    )
  return client
}
