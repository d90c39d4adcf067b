import assert from 'node:assert/strict'
import { open } from 'node:fs/promises'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { InboxFileLostError, InboxOpenError } from '../../src/inbox/inbox.ts'
import { isStoreFailure } from '../../src/inbox/store-failure.ts'

const sqlite = (code: string) => new Database.SqliteError('text', code)

test('errors of the files, the disk and the system are failures of the store', async () => {
  const system = await open('/no/such/file').catch((error: unknown) => error)
  const lost = new InboxFileLostError({ cause: 'removed', remedy: 'restart' })
  for (const error of [
    system,
    lost,
    new InboxOpenError('text'),
    sqlite('SQLITE_FULL'),
    sqlite('SQLITE_BUSY'),
  ])
    assert.equal(isStoreFailure(error), true, String(error))
})

test('bugs and values that SQLite does not take are not', () => {
  const node = Object.assign(new TypeError('text'), { code: 'ERR_INVALID_ARG_TYPE' })
  for (const error of [node, new TypeError('text'), new Error('text'), 'text', undefined])
    assert.equal(isStoreFailure(error), false, String(error))
  for (const code of ['SQLITE_TOOBIG', 'SQLITE_CONSTRAINT_NOTNULL', 'SQLITE_MISMATCH', 'SQLITE_RANGE'])
    assert.equal(isStoreFailure(sqlite(code)), false, code)
})
