import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newEvent } from '../../helpers/conversation-events.ts'
import { until } from '../../helpers/wait.ts'
import { inboxFile, open, openWithConnection } from './harness.ts'

test('when it is quiet the indexes are written down, and go on to know everything', async (t) => {
  const { inbox, connection } = await openWithConnection(t)
  const events = Array.from({ length: 600 }, (_, n) => newEvent(`e${n}`, { participantId: `p${n % 300}` }))
  await inbox.append(events)
  const rows = (table: string) => connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
  assert.deepEqual([rows('event_keys'), rows('participant_keys')], [0, 0])
  await until('both are written down', () => rows('event_keys') === 600 && rows('participant_keys') === 300)
  const again = await inbox.append([newEvent('e0'), newEvent('e600', { participantId: 'p7' })])
  assert.deepEqual(again, { kind: 'appended', results: ['duplicate', 'accepted'] })
  const claims = await inbox.claim({ limit: 1_000, leaseMs: 60_000 })
  assert.equal(claims.length, 300)
  assert.equal(claims.find(({ key }) => key.participantId === 'p7')?.events.length, 3)
})

test('more than is held in memory is written down at once, and found all the same, also after a reopening', async (t) => {
  const file = await inboxFile(t)
  let inbox = open(file)
  const batch = (from: number) =>
    Array.from({ length: 500 }, (_, n) => newEvent(`e${from + n}`, { conversationId: `c${from + n}` }))
  for (let from = 0; from < 35_000; from += 500) await inbox.append(batch(from))
  for (let round = 0; round < 2; round += 1) {
    for (const from of [0, 2_000, 20_000, 34_500])
      assert.deepEqual(await inbox.append(batch(from)), {
        kind: 'appended',
        results: batch(from).map(() => 'duplicate'),
      })
    await inbox.close()
    inbox = open(file)
  }
  await inbox.close()
})
