import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { migrations } from '../../../src/inbox/sqlite/migrations.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { inboxFile, open } from './harness.ts'

test('migration from schema 3 keeps events, duplicates, retries and known values', async (t) => {
  const file = await inboxFile(t)
  const old = new Database(file)
  old.pragma('journal_mode = WAL')
  for (const step of migrations.slice(0, 3)) old.exec(step)
  old.pragma('user_version = 3')
  const participant = old.prepare('INSERT INTO participants VALUES (?, ?, ?, 1, ?, NULL, ?, ?, 0)')
  participant.run(4, 'c1', 'p1', 7, 'unavailable', 2)
  participant.run(2, 'c2', 'p2', 8, null, 0)
  const event = old.prepare(
    'INSERT INTO events (sequence, identity, participant, priority, accepted_at, state, settled_at, event) VALUES (?, ?, ?, 1, 1, ?, ?, ?)',
  )
  const row = (sequence: number, owner: number, state: string, settledAt: number | null, key: object) => {
    const { event: body } = newEvent(`e${sequence}`, key)
    event.run(sequence, body.identity, owner, state, settledAt, JSON.stringify(body))
  }
  row(6, 3, 'applied', 5, { conversationId: 'c1', participantId: 'p1' })
  row(7, 4, 'pending', null, { conversationId: 'c1', participantId: 'p1' })
  row(8, 2, 'pending', null, { conversationId: 'c2', participantId: 'p2' })
  old.prepare("INSERT INTO known_values VALUES ('c1', 'p1', 'tier', 'gold', 1, 6, 2)").run()
  old.close()

  const inbox = open(file)
  t.after(() => inbox.close())
  const arriving = [
    newEvent('e6', { conversationId: 'c1', participantId: 'p1' }),
    newEvent('e8', { conversationId: 'c2', participantId: 'p2' }),
    newEvent('e9', { conversationId: 'c1', participantId: 'p1' }),
  ]
  assert.deepEqual(await inbox.append(arriving), {
    kind: 'appended',
    results: ['duplicate', 'duplicate', 'accepted'],
  })
  const [first, second, ...others] = await inbox.claim({ limit: 10, leaseMs: 60_000 })
  assert.deepEqual(others, [])
  assert.deepEqual(
    [first?.events.map(({ sequence }) => sequence), first?.failure],
    [[7, 9], { code: 'unavailable', attempts: 2 }],
  )
  assert.deepEqual(
    [...(first?.known ?? [])],
    [['tier', { value: 'gold', decidedAt: 1, sequence: 6, knownAt: 2 }]],
  )
  assert.deepEqual(
    second?.events.map(({ sequence }) => sequence),
    [8],
  )
})

test('migration from schema 4 finds events of the old segments, and stores new segments', async (t) => {
  const file = await inboxFile(t)
  const old = new Database(file)
  old.pragma('journal_mode = WAL')
  for (const step of migrations.slice(0, 4)) old.exec(step)
  old.pragma('user_version = 4')
  const event = old.prepare("INSERT INTO events VALUES (?, ?, 1, 1, 1, 'applied', 5, NULL, NULL, ?)")
  for (let sequence = 1; sequence <= 20_000; sequence += 1) event.run(sequence, `e${sequence}`, '{}')
  old.exec("INSERT INTO index_segments VALUES ('events', 1, 19000, zeroblob(262144))")
  old.close()

  let inbox = open(file)
  t.after(() => inbox.close())
  const arriving = [1, 19_000, 19_001, 20_000].map((sequence) => newEvent(`e${sequence}`))
  const duplicates = { kind: 'appended', results: arriving.map(() => 'duplicate') }
  for (let n = 1; n <= 3; n += 1) assert.deepEqual(await inbox.append(arriving), duplicates)
  await inbox.close()
  const reader = new Database(file)
  t.after(() => reader.close())
  assert.deepEqual(reader.prepare('SELECT last_id FROM index_segments').pluck().all(), [8_192, 16_384])
  inbox = open(file)
  assert.deepEqual(await inbox.append(arriving), duplicates)
})

for (const version of [1, 2, 3, 4, 5, 6]) {
  test(`an inbox of schema ${version} opens: its dead letter can be found, replayed and applied`, async (t) => {
    const file = await inboxFile(t)
    const old = new Database(file)
    old.pragma('journal_mode = WAL')
    for (const step of migrations.slice(0, version)) old.exec(step)
    old.pragma(`user_version = ${version}`)
    const { event } = newEvent('e1')
    old
      .prepare(
        `INSERT INTO events (sequence, identity, participant, priority, accepted_at, state, settled_at, code, detail, event)
         VALUES (7, 'e1', 3, 1, 5, 'dead', 6, 'forbidden', '403', ?)`,
      )
      .run(JSON.stringify(event))
    old.close()

    const inbox = open(file)
    t.after(() => inbox.close())
    const found = async () => {
      const history = (await inbox.event('e1'))?.history
      return [history?.state, history?.attempts, history?.code, history?.rules]
    }
    assert.deepEqual(await found(), ['dead', 0, 'forbidden', []])
    assert.deepEqual((await inbox.events({ state: 'dead', limit: 5 })).items.length, 1)
    assert.equal(await inbox.replay({ all: true }), 1)
    const [claim] = await inbox.claim({ limit: 1, leaseMs: 1_000 })
    assert.ok(claim)
    const record = { rules: ['vip'], attributeNames: ['a'], inPatch: true }
    await inbox.settle(claim, { outcomes: [{ sequence: 7, state: 'applied', record }], attempted: [7] })
    assert.deepEqual(await found(), ['applied', 1, undefined, ['vip']])
    assert.deepEqual((await inbox.events({ conversationId: 'c1', limit: 5 })).items.length, 1)
  })
}

test('the versions tested above are all but the current one', () => {
  assert.equal(migrations.length, 7)
})
