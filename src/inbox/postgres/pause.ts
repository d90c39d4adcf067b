import type { DeliveryPause } from '../inbox.ts'
import type { Query } from './connections.ts'

/** The pause that an operator set. The reason is JSON, since PostgreSQL stores no NUL character. */
export function createPause({ query, client }: { readonly query: Query; readonly client: string }) {
  return {
    async get(): Promise<DeliveryPause | undefined> {
      const [row] = await query<{ since: number; reason: string | null }>(
        'SELECT since, reason FROM inbox_pauses WHERE client = $1',
        [client],
      )
      if (row === undefined) return undefined
      const { since, reason } = row
      return reason === null ? { since } : { since, reason: JSON.parse(reason) }
    },
    async set(pause: DeliveryPause | undefined): Promise<void> {
      if (pause === undefined) {
        await query('DELETE FROM inbox_pauses WHERE client = $1', [client])
        return
      }
      const reason = pause.reason === undefined ? null : JSON.stringify(pause.reason)
      await query(
        'INSERT INTO inbox_pauses VALUES ($1, $2, $3) ON CONFLICT (client) DO UPDATE SET since = $2, reason = $3',
        [client, pause.since, reason],
      )
    },
  }
}
