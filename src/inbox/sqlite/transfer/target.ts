import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { notEmpty } from '../../transfer/refusals.ts'
import type { TransferTarget } from '../../transfer/stores.ts'
import { createDeliveryPause } from '../delivery-pause.ts'
import { createOauthClient } from '../oauth-client.ts'
import { openDatabase, toInboxOpenError } from '../open.ts'
import { createReader } from './reader.ts'
import { nameOf } from './source.ts'
import { createState } from './state.ts'
import { createWriters } from './writer.ts'

/** The tables that a copy fills, and that of the indexes. */
const tables = [
  'events',
  'participants',
  'known_values',
  'records',
  'decisions',
  'index_segments',
  'forgotten',
  'delivery_pause',
]

/**
 * Opens or creates an inbox file for a copy of another inbox, with its lock. `client`: that of the events. Throws `InboxOpenError`, also
 * if the file has events of its own.
 */
export function openTarget(path: string, client: string | undefined): TransferTarget {
  if (hasOtherRows(path)) throw notEmpty(path)
  const { database, file, close } = openDatabase(path)
  try {
    const state = createState(database)
    const pause = createDeliveryPause(database)
    const oauthClient = createOauthClient(database)
    const noteSequence = database.prepare<[number]>('INSERT OR REPLACE INTO forgotten VALUES (1, ?)')
    let writers = createWriters(database)
    return {
      name: nameOf(file),
      ...createReader(database),
      get writers() {
        return writers
      },
      state: async () => state.get(),
      setState: async (next) => state.set(next),
      clear: async () => {
        database.transaction(() => {
          for (const table of tables) database.exec(`DELETE FROM ${table}`)
        })()
        writers = createWriters(database)
      },
      finish: async (settings) =>
        database.transaction(() => {
          pause.set(settings.pause)
          noteSequence.run(settings.lastSequence)
          oauthClient.adopt(client)
          state.remove()
        })(),
      close: async () => close(),
    }
  } catch (error) {
    close()
    throw toInboxOpenError(error, file)
  }
}

/** Looks before the file is opened for writing, which would migrate its schema. A file that cannot be read is left to that. */
function hasOtherRows(path: string): boolean {
  if (!existsSync(path)) return false
  let database: Database.Database | undefined
  try {
    database = new Database(path, { readonly: true, fileMustExist: true })
    const exists = (sql: string) => database?.prepare(`SELECT EXISTS (${sql})`).pluck().get() === 1
    const has = (table: string) =>
      exists(`SELECT 1 FROM sqlite_schema WHERE name = '${table}'`) && exists(`SELECT 1 FROM ${table}`)
    return !has('transfer') && (has('events') || has('known_values'))
  } catch {
    return false
  } finally {
    database?.close()
  }
}
