import type Database from 'better-sqlite3'
import type { DeliveryPause } from '../inbox.ts'

/** The pause that an operator set. Call `set` inside a transaction. */
export function createDeliveryPause(database: Database.Database) {
  const select = database.prepare<[], { since: number; reason: string | null }>(
    'SELECT since, reason FROM delivery_pause WHERE id = 1',
  )
  const put = database.prepare<[number, string | null]>(
    'INSERT OR REPLACE INTO delivery_pause VALUES (1, ?, ?)',
  )
  const remove = database.prepare('DELETE FROM delivery_pause WHERE id = 1')
  return {
    get(): DeliveryPause | undefined {
      const row = select.get()
      if (row === undefined) return undefined
      const { since, reason } = row
      return reason === null ? { since } : { since, reason }
    },
    set(pause: DeliveryPause | undefined): void {
      if (pause === undefined) remove.run()
      else put.run(pause.since, pause.reason ?? null)
    },
  }
}
