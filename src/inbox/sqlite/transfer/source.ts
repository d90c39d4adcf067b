import { realpathSync } from 'node:fs'
import Database from 'better-sqlite3'
import { systemCodeOf } from '../../../errors.ts'
import { InboxOpenError } from '../../inbox.ts'
import { unfinishedCopy } from '../../transfer/refusals.ts'
import type { TransferSource } from '../../transfer/stores.ts'
import { migrations } from '../migrations.ts'
import { createOauthClient } from '../oauth-client.ts'
import { takeLock, toInboxOpenError } from '../open.ts'
import { createReader } from './reader.ts'
import { createState } from './state.ts'

/** The first schema that this version can read without changing the file. */
const oldestSchema = 6
/** The first schema with the tables of the client and of a copy. */
const clientSchema = 7

/** Opens an inbox file for a copy: with the lock of the inbox, and read-only. Throws `InboxOpenError`. */
export function openSource(path: string): TransferSource {
  const opened: Database.Database[] = []
  const close = () => {
    for (const connection of opened.splice(0).reverse()) connection.close()
  }
  let file = path
  try {
    file = realpathSync(path)
    opened.push(takeLock(file))
    const database = new Database(file, { readonly: true, fileMustExist: true })
    opened.push(database)
    const schema = Number(database.pragma('user_version', { simple: true }))
    requireReadable(file, schema)
    const isClientStored = schema >= clientSchema
    if (isClientStored && createState(database).get() !== undefined) throw unfinishedCopy(file)
    const reader = createReader(database)
    const marks = database.prepare<[], Record<string, number | null>>(`
      SELECT (SELECT max(id) FROM records) AS record, (SELECT max(settled_at) FROM events WHERE settled_at IS NOT NULL) AS settled,
        (SELECT count(*) FROM events WHERE state = 'dead') AS dead, (SELECT max(known_at) FROM known_values) AS known,
        (SELECT max(failed_at) FROM participants) AS failed, (SELECT sum(attempts) FROM records) AS attempts`)
    return {
      name: nameOf(file),
      client: isClientStored ? createOauthClient(database).get() : undefined,
      ...reader,
      fingerprint: async () => JSON.stringify([await reader.counts(), await reader.settings(), marks.get()]),
      close: async () => close(),
    }
  } catch (error) {
    close()
    if (systemCodeOf(error, '') === 'ENOENT')
      throw new InboxOpenError(`There is no inbox at ${path}: check the path`)
    throw toInboxOpenError(error, file)
  }
}

/** `file`: without symbolic links. */
export const nameOf = (file: string): string => `sqlite:${file}`

function requireReadable(file: string, schema: number): void {
  if (schema === 0) throw new InboxOpenError(`${file} is not an inbox: check the path`)
  if (schema > migrations.length)
    throw new InboxOpenError(
      `The inbox ${file} was written by a newer version (schema ${schema}, this version supports ${migrations.length}): use that version`,
    )
  if (schema < oldestSchema)
    throw new InboxOpenError(
      `The inbox ${file} was written by an older version (schema ${schema}). Run "genesys-enricher dead-letters list --store sqlite:${file}" once: it brings the file to schema ${migrations.length} and delivers nothing. An older version cannot open the file afterwards, so make a copy first`,
    )
}
