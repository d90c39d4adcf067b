import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { migrations } from '../../../../src/inbox/sqlite/migrations.ts'
import { openSource } from '../../../../src/inbox/sqlite/transfer/source.ts'
import { manualClock } from '../../../simulator/harness.ts'
import { copy, fill, newFile, open } from '../../transfer/harness.ts'
import { inboxFile } from '../harness.ts'

const pathOf = (url: string): string => url.replace('sqlite:', '')
const digest = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

async function inboxOfSchema(t: TestContext, version: number): Promise<string> {
  const file = await inboxFile(t)
  const old = new Database(file)
  old.pragma('journal_mode = WAL')
  for (const step of migrations.slice(0, version)) old.exec(step)
  old.pragma(`user_version = ${version}`)
  old.close()
  return file
}

test('a copy does not change the file of the source, and takes the client from it', async (t) => {
  const from = await newFile(t)
  const clock = manualClock()
  const inbox = await open(from, clock)
  await fill(inbox, clock, 3)
  await inbox.close()
  const before = await digest(pathOf(from))
  const to = await newFile(t)
  const { client } = await copy(from, to, { client: undefined })
  assert.equal(client, 'client-1')
  assert.equal(await digest(pathOf(from)), before)
  const copied = openSource(pathOf(to))
  assert.equal(copied.client, 'client-1')
  await copied.close()
})

test('a source of schema 6 is read as it is, and an older one is refused with the remedy', async (t) => {
  const file = await inboxOfSchema(t, 6)
  await copy(`sqlite:${file}`, await newFile(t))
  const reader = new Database(file, { readonly: true })
  t.after(() => reader.close())
  assert.equal(reader.pragma('user_version', { simple: true }), 6)
  const older = await inboxOfSchema(t, 5)
  await assert.rejects(
    copy(`sqlite:${older}`, await newFile(t)),
    /schema 5\).*dead-letters list --store sqlite:/s,
  )
})

test('a missing source is not created, nor its target', async (t) => {
  const [from, to] = [await newFile(t), await newFile(t)]
  await assert.rejects(copy(from, to), /There is no inbox at/)
  assert.deepEqual([existsSync(pathOf(from)), existsSync(pathOf(to))], [false, false])
})

test('events settled by an older version, which have no record, keep their state', async (t) => {
  const file = await inboxOfSchema(t, 6)
  const old = new Database(file)
  const insert = old.prepare(
    `INSERT INTO events (sequence, identity, participant, priority, accepted_at, state, settled_at, code, event)
     VALUES (?, ?, 0, 1, 5, ?, 6, ?, '{"conversationId":"c1"}')`,
  )
  insert.run(1, 'e1', 'dead', 'forbidden')
  insert.run(2, 'e2', 'applied', null)
  old.close()
  const to = await newFile(t)
  const { counts, differences } = await copy(`sqlite:${file}`, to)
  assert.deepEqual([counts.events, differences], [2, []])
  const inbox = await open(to, manualClock())
  t.after(() => inbox.close())
  assert.deepEqual(
    (await inbox.events({ limit: 5 })).items.map(({ sequence, state, code }) => [sequence, state, code]),
    [
      [2, 'applied', undefined],
      [1, 'dead', 'forbidden'],
    ],
  )
})

test('what only the write-ahead log of a killed service has is copied too', async (t) => {
  const from = await newFile(t)
  const clock = manualClock()
  const running = await open(from, clock)
  await fill(running, clock, 4)
  const expected = await running.stats()
  const killed = await newFile(t)
  for (const suffix of ['', '-wal']) await copyFile(`${pathOf(from)}${suffix}`, `${pathOf(killed)}${suffix}`)
  await running.close()
  const to = await newFile(t)
  assert.deepEqual((await copy(killed, to)).differences, [])
  const inbox = await open(to, clock)
  t.after(() => inbox.close())
  const { pending, dead } = await inbox.stats()
  assert.deepEqual([pending, dead], [expected.pending, expected.dead])
})
