import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import Database from 'better-sqlite3'
import type { Inbox } from '../../../src/inbox/inbox.ts'
import { openSqliteInbox } from '../../../src/inbox/sqlite/sqlite.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

/** Path of the inbox file of a test. */
export const inboxFile = async (t: TestContext): Promise<string> => join(await temporaryFolder(t), 'inbox.db')

export const open = (file: string): Inbox => openSqliteInbox({ file, maxPending: 100_000, now: Date.now })

/** An open inbox and its connection, through which a test simulates disk failures. */
export async function openWithConnection(
  t: TestContext,
): Promise<{ inbox: Inbox; connection: Database.Database }> {
  let inbox: Inbox | undefined
  t.after(() => inbox?.close())
  const spy = t.mock.method(Database.prototype, 'pragma')
  inbox = open(await inboxFile(t))
  const connection = spy.mock.calls.find((call) => call.arguments[0] === 'synchronous = FULL')?.this
  spy.mock.restore()
  assert.ok(connection instanceof Database)
  return { inbox, connection }
}
