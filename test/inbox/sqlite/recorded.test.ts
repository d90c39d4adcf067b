import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { InboxOpenError } from '../../../src/inbox/inbox.ts'
import { migrations } from '../../../src/inbox/sqlite/migrations.ts'
import { countRecorded, readRecorded } from '../../../src/inbox/sqlite/recorded.ts'
import { openSqliteInbox } from '../../../src/inbox/sqlite/sqlite.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { inboxFile, open } from './harness.ts'

const identities = (file: string, query: Parameters<typeof readRecorded>[1]): string[] =>
  [...readRecorded(file, query)].map(({ event }) => event.identity)

const events = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, n) => newEvent(`e${first + n}`))

test('recorded events are returned newest first and as accepted, settled ones included', async (t) => {
  const file = await inboxFile(t)
  const inbox = open(file)
  await inbox.append([newEvent('e1', { body: { tier: 'gold' }, occurredAt: 5 }), newEvent('e2')])
  const [claim] = await inbox.claim({ limit: 1, leaseMs: 1_000 })
  assert.ok(claim !== undefined)
  await inbox.settle(claim, {
    outcomes: claim.events.map(({ sequence }) => ({ sequence, state: 'applied' })),
  })
  await inbox.append([newEvent('e3')])
  await inbox.close()
  const recorded = [...readRecorded(file, { limit: 10 })]
  assert.deepEqual(
    recorded.map(({ sequence, event }) => [sequence, event.identity]),
    [
      [3, 'e3'],
      [2, 'e2'],
      [1, 'e1'],
    ],
  )
  assert.deepEqual(recorded[2]?.event, newEvent('e1', { body: { tier: 'gold' }, occurredAt: 5 }).event)
})

test('the limit applies across pages, and no event repeats', async (t) => {
  const file = await inboxFile(t)
  const inbox = open(file)
  await inbox.append(events(1, 350))
  await inbox.close()
  const newestFirst = events(1, 350)
    .map(({ event }) => event.identity)
    .toReversed()
  for (const limit of [0, 1, 99, 100, 101, 300, 350, 1_000])
    assert.deepEqual(identities(file, { limit }), newestFirst.slice(0, limit), String(limit))
})

test('since excludes events accepted earlier', async (t) => {
  const file = await inboxFile(t)
  let now = 1_000
  const inbox = openSqliteInbox({ file, maxPending: 10, now: () => now })
  for (const index of [1, 2, 3]) {
    await inbox.append([newEvent(`e${index}`)])
    now += 1_000
  }
  await inbox.close()
  assert.deepEqual(identities(file, { limit: 10, since: 2_000 }), ['e3', 'e2'])
  assert.deepEqual(identities(file, { limit: 10, since: 3_001 }), [])
})

test('reading works while another inbox writes to the file, and changes nothing', async (t) => {
  const file = await inboxFile(t)
  const inbox = open(file)
  t.after(() => inbox.close())
  await inbox.append(events(1, 250))
  const seen: string[] = []
  for (const { event } of readRecorded(file, { limit: 1_000 })) {
    // Events appended meanwhile are newer than the page, so the reader does not see them.
    if (seen.length === 150) await inbox.append(events(251, 260))
    seen.push(event.identity)
  }
  assert.equal(seen.length, 250)
  assert.equal((await inbox.stats()).pending, 260)
  assert.deepEqual(await inbox.append([newEvent('last')]), { kind: 'appended', results: ['accepted'] })
})

test('no transaction stays open between events, so the service can truncate its WAL', async (t) => {
  const file = await inboxFile(t)
  const inbox = open(file)
  t.after(() => inbox.close())
  await inbox.append(events(1, 150))
  const writer = new Database(file)
  t.after(() => writer.close())
  for (const _ of readRecorded(file, { limit: 150 })) {
    const [{ busy } = { busy: 1 }] = writer.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
    assert.equal(busy, 0)
  }
})

test('reading does not migrate or lock an inbox', async (t) => {
  const file = await inboxFile(t)
  const old = new Database(file)
  old.pragma('journal_mode = WAL')
  old.exec(migrations[0] ?? '')
  old.pragma('user_version = 1')
  old
    .prepare("INSERT INTO events VALUES (1, 'e1', 1, 1, 5, 'pending', NULL, NULL, NULL, ?)")
    .run(JSON.stringify(newEvent('e1').event))
  old.close()
  const before = await readFile(file)
  assert.deepEqual(identities(file, { limit: 10 }), ['e1'])
  assert.deepEqual(await readFile(file), before)
  assert.ok(!existsSync(`${file}.lock`))
})

test('a reader that stops early closes the file', async (t) => {
  const file = await inboxFile(t)
  const inbox = open(file)
  await inbox.append(events(1, 3))
  for (const _ of readRecorded(file, { limit: 10 })) break
  await inbox.close()
  assert.ok(!existsSync(`${file}-wal`), 'the last connection removes the WAL')
})

for (const [what, content] of [
  ['text', 'no database at all'.repeat(100)],
  ['an empty file', ''],
] as const) {
  test(`a file that is not an inbox is rejected and left unchanged: ${what}`, async (t) => {
    const file = await inboxFile(t)
    await writeFile(file, content)
    assert.throws(() => [...readRecorded(file, { limit: 1 })], InboxOpenError)
    assert.equal(await readFile(file, 'utf8'), content)
  })
}

test('a missing file is rejected and not created', async (t) => {
  const file = await inboxFile(t)
  assert.throws(() => [...readRecorded(file, { limit: 1 })], InboxOpenError)
  assert.ok(!existsSync(file))
})

test('the count is that of the events that would be read', async (t) => {
  const file = await inboxFile(t)
  const inbox = open(file)
  await inbox.append(events(1, 250))
  await inbox.close()
  for (const query of [{ limit: 1_000 }, { limit: 120 }, { limit: 1_000, since: Number.MAX_SAFE_INTEGER }])
    assert.equal(countRecorded(file, query), identities(file, query).length)
  assert.equal(countRecorded(file, { limit: 120 }), 120)
})
