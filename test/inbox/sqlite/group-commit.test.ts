import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { createGroupCommit } from '../../../src/inbox/sqlite/group-commit.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { inboxFile, openWithConnection } from './harness.ts'

/** A table, its group commit, and the results of its transactions. */
async function setUp(t: TestContext, moreExpected = () => false) {
  let database: Database.Database | undefined
  t.after(() => database?.close())
  const connection = new Database(await inboxFile(t))
  database = connection
  connection.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY)')
  const transactions: string[] = []
  const followers = [
    {
      committed: () => transactions.push('committed'),
      rolledBack: () => transactions.push('rolled back'),
    },
  ]
  let ms = 0
  const monotonic = () => ms
  const commits = createGroupCommit(connection, followers, { moreExpected, monotonic })
  const insert = connection.prepare('INSERT INTO numbers VALUES (?)')
  const write = (n: number) =>
    commits.write(() => {
      insert.run(n)
      return n
    })
  const stored = () => connection.prepare('SELECT n FROM numbers').pluck().all()
  const advance = (by: number) => {
    ms += by
  }
  return { connection, commits, transactions, write, stored, advance }
}

test('writes of one turn share one commit, each with its own result', async (t) => {
  const { write, transactions, stored } = await setUp(t)
  const results = await Promise.all([3, 1, 2].map(write))
  assert.deepEqual(results, [3, 1, 2])
  assert.deepEqual(transactions, ['committed'])
  assert.deepEqual(stored(), [1, 2, 3])
  await write(4)
  assert.deepEqual(transactions, ['committed', 'committed'])
})

test('a commit waits for expected writes', async (t) => {
  let expected = true
  const { write, transactions } = await setUp(t, () => expected)
  const first = write(1)
  for (let turn = 0; turn < 10; turn += 1) await nextTurn()
  const second = write(2)
  expected = false
  await Promise.all([first, second])
  assert.deepEqual(transactions, ['committed'])
})

test('a commit waits for expected writes for at most 2 ms', async (t) => {
  const { write, stored, advance } = await setUp(t, () => true)
  const first = write(1)
  for (let turn = 0; turn < 10; turn += 1) await nextTurn()
  assert.deepEqual(stored(), [])
  advance(2)
  assert.equal(await first, 1)
  assert.deepEqual(stored(), [1])
})

test('a write resolves only after its commit', async (t) => {
  const { connection, write } = await setUp(t)
  const open = await Promise.all([1, 2].map((n) => write(n).then(() => connection.inTransaction)))
  assert.deepEqual(open, [false, false])
})

test('one failing write rolls back and rejects its whole group, and the next group succeeds', async (t) => {
  const { write, transactions, stored, commits } = await setUp(t)
  await write(1)
  const results = await Promise.allSettled([2, 1, 3].map(write))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  assert.deepEqual(stored(), [1])
  assert.match(String(commits.lastError()), /UNIQUE constraint failed/)
  await write(2)
  assert.equal(commits.lastError(), undefined)
  assert.deepEqual(
    [transactions, stored()],
    [
      ['committed', 'rolled back', 'committed'],
      [1, 2],
    ],
  )
})

test('a failing COMMIT rejects its group and leaves no transaction open', async (t) => {
  const { connection, commits, transactions } = await setUp(t)
  connection.exec(`PRAGMA foreign_keys = ON; CREATE TABLE children (
    n INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)`)
  await assert.rejects(commits.write(() => connection.exec('INSERT INTO children VALUES (7)')))
  assert.deepEqual([connection.inTransaction, transactions], [false, ['rolled back']])
  await commits.write(() =>
    connection.exec('INSERT INTO numbers VALUES (7); INSERT INTO children VALUES (7)'),
  )
})

test('idle waits for queued writes', async (t) => {
  const { write, commits, stored } = await setUp(t)
  await commits.idle()
  void write(1)
  void write(2)
  await commits.idle()
  assert.deepEqual(stored(), [1, 2])
})

test('appends of one turn become durable together', async (t) => {
  const { inbox } = await openWithConnection(t)
  const appends = Array.from({ length: 50 }, (_, n) => inbox.append([newEvent(`e${n}`)]))
  await appends[0]
  // The commit of the first one contains all of them.
  assert.equal((await inbox.stats()).pending, 50)
  await Promise.all(appends)
})

test('a failing append rejects every append of its commit, and the counters stay correct', async (t) => {
  const { inbox } = await openWithConnection(t)
  await inbox.append([newEvent('e0')])
  const results = await Promise.allSettled([
    inbox.append([newEvent('e1'), newEvent('e2')]),
    inbox.append([newEvent('impossible', { body: 1n })]),
    inbox.append([newEvent('e3')]),
  ])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  assert.equal((await inbox.stats()).pending, 1)
  assert.equal((await inbox.claim({ limit: 10, leaseMs: 1_000 }))[0]?.events.length, 1)
  assert.deepEqual(await inbox.append([newEvent('e1'), newEvent('e3')]), {
    kind: 'appended',
    results: ['accepted', 'accepted'],
  })
  assert.equal((await inbox.stats()).pending, 3)
})
