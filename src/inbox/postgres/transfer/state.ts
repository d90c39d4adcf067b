import { InboxUnavailableError } from '../../inbox.ts'
import { unfinishedCopy } from '../../transfer/refusals.ts'
import type { TransferState } from '../../transfer/stores.ts'
import type { Query } from '../connections.ts'
import type { Location } from '../location.ts'

/** How far the copy into the inbox of a client is. `run`: names this process. */
export function createState(client: string, run: string) {
  return {
    /** Undefined: no copy was begun, or it is finished. */
    async get(query: Query): Promise<TransferState | undefined> {
      const [row] = await query<{ state: string }>('SELECT state FROM inbox_transfers WHERE client = $1', [
        client,
      ])
      if (row === undefined) return undefined
      const { source, fingerprint, table, after }: TransferState = JSON.parse(row.state)
      return { source, fingerprint, table, after }
    },
    /** Begins a copy, or takes over that of an earlier process. */
    async begin(query: Query, state: TransferState): Promise<void> {
      await query(
        'INSERT INTO inbox_transfers VALUES ($1, $2, $3) ON CONFLICT (client) DO UPDATE SET run = excluded.run, state = excluded.state',
        [client, run, JSON.stringify(state)],
      )
    },
    /** Throws `InboxUnavailableError` if another process has taken over. */
    async set(query: Query, state: TransferState): Promise<void> {
      await requireRow(
        query('UPDATE inbox_transfers SET state = $3 WHERE client = $1 AND run = $2 RETURNING client', [
          client,
          run,
          JSON.stringify(state),
        ]),
      )
    },
    remove: (query: Query): Promise<void> =>
      requireRow(
        query('DELETE FROM inbox_transfers WHERE client = $1 AND run = $2 RETURNING client', [client, run]),
      ),
  }
}

async function requireRow(changed: Promise<readonly object[]>): Promise<void> {
  if ((await changed).length === 0)
    throw new InboxUnavailableError({
      cause: 'Another "store migrate" writes to the same target',
      remedy: 'Let it end, or stop it and run this one again',
    })
}

/** Throws `InboxOpenError` if the inbox of the client is an unfinished copy. */
export async function requireFinished(query: Query, client: string, { shown }: Location): Promise<void> {
  const rows = await query('SELECT client FROM inbox_transfers WHERE client = $1', [client])
  if (rows.length > 0) throw unfinishedCopy(shown)
}
