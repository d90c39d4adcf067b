import { InboxUnavailableError, type NodeOptions } from '../inbox.ts'
import { configurationError } from './configuration-error.ts'
import type { Connections } from './connections.ts'
import type { Location } from './location.ts'

/** Throws `InboxOpenError` if the database cannot store every text. */
export async function checkEncoding({ query }: Connections, { shown }: Location): Promise<void> {
  const [row] = await query<{ encoding: string }>("SELECT current_setting('server_encoding') AS encoding")
  if (row?.encoding !== 'UTF8')
    throw configurationError(
      `The database of the inbox ${shown} has the encoding ${row?.encoding}: create one with ENCODING 'UTF8' TEMPLATE template0`,
    )
}

/** The client of the stored events, if none is set. */
export async function onlyClient(
  { query }: Connections,
  { shown }: Location,
  { role }: NodeOptions,
): Promise<string> {
  const clients = await query<{ client: string }>('SELECT client FROM inbox_owners ORDER BY client LIMIT 2')
  const [only, another] = clients
  if (only !== undefined && another === undefined) return only.client
  if (only === undefined && role === 'ingest')
    throw new InboxUnavailableError({
      cause: `The inbox ${shown} has no OAuth client yet, since no node with ROLE=deliver or ROLE=all has used it`,
      remedy: 'Start one of them, or set GENESYS_CLIENT_ID on this node too',
    })
  throw configurationError(
    `The inbox ${shown} has the events of ${only === undefined ? 'no' : 'several'} OAuth clients: set GENESYS_CLIENT_ID to the one that you mean`,
  )
}
