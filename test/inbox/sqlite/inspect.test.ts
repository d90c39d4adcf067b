import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspectSqliteInbox } from '../../../src/inbox/sqlite/inspect.ts'
import { migrations } from '../../../src/inbox/sqlite/migrations.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { inboxFile, open } from './harness.ts'

test('a missing file is absent', async (t) => {
  const file = await inboxFile(t)
  assert.deepEqual(inspectSqliteInbox(file), { kind: 'absent', file })
  assert.deepEqual(await readdir(dirname(file)), [])
})

test('an empty file has schema 0', async (t) => {
  const file = await inboxFile(t)
  await writeFile(file, '')
  const inspection = inspectSqliteInbox(file)
  assert.ok(inspection.kind === 'present')
  assert.deepEqual([inspection.schema, inspection.inUse], [0, false])
})

test('an inbox in use: the schema that is only in the log, and the lock of the owner', async (t) => {
  const file = await inboxFile(t)
  const inbox = open(file)
  t.after(() => inbox.close())
  await inbox.append([newEvent('e1')])
  const inspection = inspectSqliteInbox(file)
  assert.ok(inspection.kind === 'present')
  assert.deepEqual([inspection.schema, inspection.inUse], [migrations.length, true])
  assert.deepEqual(inspection.files, [file, `${file}-wal`, `${file}-shm`, `${file}.lock`])
  await inbox.append([newEvent('e2')])
  assert.equal((await inbox.stats()).pending, 2)
})

test('a link to an inbox in use is in use', async (t) => {
  const file = await inboxFile(t)
  const inbox = open(file)
  t.after(() => inbox.close())
  const link = join(dirname(file), 'link.db')
  await symlink(file, link)
  const inspection = inspectSqliteInbox(link)
  assert.ok(inspection.kind === 'present' && inspection.inUse)
})

test('after kill -9 the inbox is not in use, and the inspection leaves its files as they are', async (t) => {
  const file = await inboxFile(t)
  const owner = fork(fileURLToPath(new URL('inbox-owner.ts', import.meta.url)), [file], { execArgv: [] })
  await once(owner, 'message')
  const during = inspectSqliteInbox(file)
  assert.ok(during.kind === 'present' && during.inUse)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  const before = await readdir(dirname(file))
  const inspection = inspectSqliteInbox(file)
  assert.ok(inspection.kind === 'present')
  assert.deepEqual([inspection.schema, inspection.inUse], [migrations.length, false])
  assert.deepEqual(await readdir(dirname(file)), before)
  const inbox = open(file)
  t.after(() => inbox.close())
  assert.equal((await inbox.stats()).pending, 1)
})

test('the inspection of a stopped inbox creates no file beside it', async (t) => {
  const file = await inboxFile(t)
  await open(file).close()
  const copy = join(dirname(file), 'copy.db')
  await copyFile(file, copy)
  const before = await readdir(dirname(file))
  const inspection = inspectSqliteInbox(copy)
  assert.ok(inspection.kind === 'present')
  assert.equal(inspection.schema, migrations.length)
  assert.deepEqual(await readdir(dirname(file)), before)
})
