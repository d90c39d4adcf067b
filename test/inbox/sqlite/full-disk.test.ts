import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Inbox } from '../../../src/inbox/inbox.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { openWithConnection } from './harness.ts'

const event = (n: number) => newEvent(`e${n}`, { participantId: `p${n}`, body: 'x'.repeat(2_000) })

/** Appends one by one until the inbox rejects one. Returns the number of accepted events, and the error. */
async function appendUntilFull(inbox: Inbox): Promise<[accepted: number, error: unknown]> {
  for (let n = 0; n < 1_000; n += 1) {
    try {
      await inbox.append([event(n)])
    } catch (error) {
      return [n, error]
    }
  }
  throw new Error('the disk never became full')
}

test('a full disk rejects appends, fails checkWritable, and recovers without a restart', async (t) => {
  const { inbox, connection } = await openWithConnection(t)
  const pages = Number(connection.pragma('page_count', { simple: true }))
  connection.pragma(`max_page_count = ${pages + 20}`)
  const [accepted, error] = await appendUntilFull(inbox)
  assert.ok(accepted > 0)
  assert.match(String(Object(error).code), /^SQLITE_FULL/)

  for (let round = 0; round < 3; round += 1) {
    // A probe of a few bytes would still succeed on a full disk.
    await assert.rejects(inbox.checkWritable(), { code: 'SQLITE_FULL' })
    await assert.rejects(inbox.append([event(accepted)]), { code: 'SQLITE_FULL' })
  }
  assert.equal((await inbox.stats()).pending, accepted)

  connection.pragma(`max_page_count = ${pages + 10_000}`)
  await inbox.checkWritable()
  assert.deepEqual(await inbox.append([event(accepted)]), { kind: 'appended', results: ['accepted'] })
  const claims = await inbox.claim({ limit: 1_000, leaseMs: 1_000 })
  assert.deepEqual(
    claims.map(({ events }) => events[0]?.event.identity),
    Array.from({ length: accepted + 1 }, (_, n) => `e${n}`),
  )
})

test('a failed settle changes nothing and keeps the lease, so the caller can retry', async (t) => {
  const { inbox, connection } = await openWithConnection(t)
  await inbox.append([event(1)])
  const [claim] = await inbox.claim({ limit: 1, leaseMs: 60_000 })
  assert.ok(claim !== undefined)
  const outcomes = claim.events.map(({ sequence }) => ({ sequence, state: 'applied' as const }))
  connection.pragma('query_only = ON')
  await assert.rejects(inbox.settle(claim, { outcomes }), { code: 'SQLITE_READONLY' })
  assert.deepEqual(await inbox.claim({ limit: 1, leaseMs: 60_000 }), [])
  assert.equal((await inbox.stats()).pending, 1)
  connection.pragma('query_only = OFF')
  assert.equal(await inbox.settle(claim, { outcomes }), 'settled')
  assert.equal((await inbox.stats()).pending, 0)
})

test('checkWritable stops probing after a successful write', async (t) => {
  const { inbox, connection } = await openWithConnection(t)
  connection.pragma('query_only = ON')
  await assert.rejects(inbox.append([event(1)]), { code: 'SQLITE_READONLY' })
  await assert.rejects(inbox.checkWritable(), { code: 'SQLITE_READONLY' })
  connection.pragma('query_only = OFF')
  await inbox.append([event(1)])
  connection.pragma('query_only = ON')
  await inbox.checkWritable() // no probe, because the last write succeeded
})
