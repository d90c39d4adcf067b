import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'

import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { InboxOpenError } from '../../../src/inbox/inbox.ts'
import { migrations } from '../../../src/inbox/sqlite/migrations.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { inboxFile, open, openWithConnection } from './harness.ts'

/** Asserts that opening fails with this message and releases the lock. */
function refused(file: string, message: RegExp): void {
  assert.throws(
    () => open(file),
    (error: unknown) => {
      assert.ok(error instanceof InboxOpenError, String(error))
      assert.match(error.message, message)
      assert.ok(error.message.includes(file))
      return true
    },
  )
}

async function withContent(t: TestContext, events: number): Promise<string> {
  const file = await inboxFile(t)
  const inbox = open(file)
  await inbox.append(Array.from({ length: events }, (_, n) => newEvent(`e${n}`, { body: 'x'.repeat(1_000) })))
  await inbox.close()
  return file
}

test('commits are durable: WAL mode with synchronous FULL', async (t) => {
  const { connection } = await openWithConnection(t)
  assert.equal(connection.pragma('journal_mode', { simple: true }), 'wal')
  assert.equal(connection.pragma('synchronous', { simple: true }), 2)
})

test('an empty file gets all migrations, and a reopen changes nothing', async (t) => {
  const file = await inboxFile(t)
  await writeFile(file, '')
  for (let round = 0; round < 2; round += 1) {
    const inbox = open(file)
    assert.deepEqual(await inbox.append([newEvent(`e${round}`)]), { kind: 'appended', results: ['accepted'] })
    await inbox.close()
  }
  const database = new Database(file, { readonly: true })
  t.after(() => database.close())
  assert.equal(database.pragma('user_version', { simple: true }), migrations.length)
  assert.equal(database.pragma('quick_check', { simple: true }), 'ok')
})

test('a new file uses incremental vacuum', async (t) => {
  const { connection } = await openWithConnection(t)
  assert.equal(connection.pragma('auto_vacuum', { simple: true }), 2)
})

test('a missing folder is created', async (t) => {
  const file = join(await temporaryFolder(t), 'not', 'yet', 'inbox.db')
  await open(file).close()
  assert.ok(existsSync(file))
})

test('a folder that cannot be created is rejected', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'a-file'), '')
  refused(join(folder, 'a-file', 'inbox.db'), /cannot be opened \((ENOTDIR|EEXIST).*check the path/)
})

test('a path to a folder is rejected', async (t) => {
  refused(await temporaryFolder(t), /cannot be opened \((SQLITE_CANTOPEN|EISDIR)/)
})

test('a schema newer than this version is rejected and left unchanged', async (t) => {
  const file = await withContent(t, 3)
  const newer = migrations.length + 1
  const look = (change?: string) => {
    const database = new Database(file)
    if (change !== undefined) database.pragma(change)
    const version = database.pragma('user_version', { simple: true })
    const events = database.prepare('SELECT count(*) FROM events').pluck().get()
    database.close()
    return [version, events]
  }
  assert.deepEqual(look(`user_version = ${newer}`), [newer, 3])
  refused(file, /written by a newer version \(schema \d+, this version supports \d+\)/)
  assert.deepEqual(look(), [newer, 3])
})

for (const [what, content] of [
  ['text', 'this is no database, it is a letter\n'.repeat(500)],
  ['a few bytes', 'oops'],
  ['zeros', Buffer.alloc(8_192)],
] as const) {
  test(`a file that is not a database is rejected and left unchanged: ${what}`, async (t) => {
    const file = await inboxFile(t)
    await writeFile(file, content)
    refused(file, /is damaged or not an SQLite database .*restore it from a backup/)
    assert.deepEqual(await readFile(file), Buffer.from(content))
    // The lock is released: without that file the inbox opens.
    await writeFile(file, '')
    await open(file).close()
  })
}

test('a truncated file is rejected', async (t) => {
  const file = await withContent(t, 100)
  const { size } = await stat(file)
  assert.ok(size > 100_000)
  for (const left of [size - 4_096, size / 2, 5_000, 300]) {
    const copy = `${file}.${left}`
    await copyFile(file, copy)
    await truncate(copy, left)
    refused(copy, /is damaged or not an SQLite database/)
  }
})

test('a damaged page is rejected', async (t) => {
  const file = await withContent(t, 100)
  const content = await readFile(file)
  content.fill(0xff, 4_096, 12_288)
  await writeFile(file, content)
  refused(file, /is damaged or not an SQLite database/)
})

test('the database of another program is rejected, also if it has a schema version of ours', async (t) => {
  const file = await inboxFile(t)
  const database = new Database(file)
  database.exec('CREATE TABLE letters (id INTEGER)')
  database.pragma(`user_version = ${migrations.length}`)
  database.close()
  refused(file, /cannot be opened/)
  refused(file, /cannot be opened/) // not: in use by another process
})

test('a second inbox on the same file is rejected until the first one is closed', async (t) => {
  const file = await inboxFile(t)
  const inbox = open(file)
  refused(file, /in use by another process/)
  await inbox.append([newEvent('e1')])
  await inbox.close()
  const second = open(file)
  assert.equal((await second.stats()).pending, 1)
  await second.close()
})

test('regression: a link to an open file is rejected too', async (t) => {
  const file = await inboxFile(t)
  const inbox = open(file)
  const link = `${file}-link`
  await symlink(file, link)
  assert.throws(() => open(link), /in use by another process/)
  await inbox.close()
})

const holdOpen = `
  const [inboxModule, file, event] = process.argv.slice(1)
  const { openSqliteInbox } = await import(inboxModule)
  try {
    const inbox = openSqliteInbox({ file, maxPending: 10, now: Date.now })
    await inbox.append([JSON.parse(event)])
    console.log('accepted')
    setInterval(() => inbox, 1_000) // without a reference, the inbox and its lock could be collected
  } catch (error) {
    console.log(error.name + ': ' + error.message)
  }`

function openElsewhere(t: TestContext, file: string) {
  const inboxModule = new URL('../../../src/inbox/sqlite/sqlite.ts', import.meta.url).href
  const event = JSON.stringify(newEvent('e1'))
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', holdOpen, inboxModule, file, event],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const said = once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line))
  return { said, kill: () => child.kill('SIGKILL') && ended }
}

test('a second process is rejected, and gets every accepted event after a kill -9 of the owner', async (t) => {
  const file = await inboxFile(t)
  const owner = openElsewhere(t, file)
  assert.equal(await owner.said, 'accepted')
  refused(file, /in use by another process/)
  await owner.kill()
  const inbox = open(file)
  assert.equal((await inbox.stats()).pending, 1)
  assert.match(await openElsewhere(t, file).said, /^InboxOpenError: .*in use by another process/)
  await inbox.close()
})
