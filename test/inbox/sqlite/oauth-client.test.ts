import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { openSqliteInbox } from '../../../src/inbox/sqlite/sqlite.ts'
import { inboxFile } from './harness.ts'

test('a file keeps the client that opened it last', async (t) => {
  const file = await inboxFile(t)
  const stored = async (client: string | undefined) => {
    await openSqliteInbox({ file, client, maxPending: 10, now: Date.now }).close()
    const reader = new Database(file, { readonly: true })
    t.after(() => reader.close())
    return reader.prepare('SELECT client FROM oauth_client').pluck().all()
  }
  assert.deepEqual(await stored(undefined), [])
  assert.deepEqual(await stored('one'), ['one'])
  assert.deepEqual(await stored(undefined), ['one'])
  assert.deepEqual(await stored('another'), ['another'])
})
