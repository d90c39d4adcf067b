import type Database from 'better-sqlite3'
import type { TransferState } from '../../transfer/stores.ts'

/** How far the copy into a file is. */
export function createState(database: Database.Database) {
  const select = database.prepare<[], string>('SELECT state FROM transfer WHERE id = 1').pluck()
  const put = database.prepare<[string]>('INSERT OR REPLACE INTO transfer VALUES (1, ?)')
  const remove = database.prepare('DELETE FROM transfer')
  return {
    /** Undefined: no copy was begun, or it is finished. */
    get(): TransferState | undefined {
      const text = select.get()
      if (text === undefined) return undefined
      const { source, fingerprint, table, after }: TransferState = JSON.parse(text)
      return { source, fingerprint, table, after }
    },
    set: (state: TransferState): void => void put.run(JSON.stringify(state)),
    remove: (): void => void remove.run(),
  }
}
