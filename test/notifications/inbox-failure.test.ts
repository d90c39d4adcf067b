import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Inbox } from '../../src/inbox/inbox.ts'
import { until } from '../helpers/wait.ts'
import { listen, queueId, snapshot } from './harness.ts'

/** An inbox that fails on demand. */
function failing() {
  const state = { fails: true, attempts: 0 }
  const wrapInbox = (inbox: Inbox): Inbox => ({
    ...inbox,
    append: (events) => {
      state.attempts += 1
      return state.fails ? Promise.reject(new Error('disk I/O error')) : inbox.append(events)
    },
  })
  return { state, wrapInbox }
}

test('while the inbox fails, messages are buffered, and then stored once and in order', async (t) => {
  const { state, wrapInbox } = failing()
  const { simulator, inbox, connected, accepted, status, log, totals } = await listen(t, {
    queues: [queueId],
    wrapInbox,
  })
  await connected()
  for (let index = 0; index < 250; index += 1) simulator.notify(snapshot(index))
  await until('it was tried again', () => state.attempts >= 2)
  assert.deepEqual([status().connected, status().reconnects], [1, 0], 'the socket stays open')
  state.fails = false
  await accepted(250)
  assert.equal(totals.duplicates, 0)
  const claims = await inbox.claim({ limit: 500, leaseMs: 1_000 })
  const inOrder = claims.flatMap(({ events }) => events).sort((a, b) => a.sequence - b.sequence)
  assert.deepEqual(
    inOrder.map(({ event }) => event.conversationId),
    Array.from({ length: 250 }, (_, index) => `conversation-${index}`),
  )
  assert.match(log.text(), /notifications not stored, buffering/)
  assert.match(log.text(), /notifications stored again/)
})

test('when the buffer is full too, the source disconnects until it is stored, and counts the gap', async (t) => {
  const { state, wrapInbox } = failing()
  const { simulator, connected, accepted, status, log } = await listen(t, {
    queues: [queueId],
    wrapInbox,
    bounds: { entries: 5, bytes: 1_000_000 },
  })
  await connected()
  const before = status().gapMs
  simulator.notify(snapshot(0))
  await until('the inbox fails', () => log.text().includes('buffering'))
  for (let index = 1; index < 8; index += 1) simulator.notify(snapshot(index))
  await until('the socket is closed', () => status().connected === 0)
  assert.equal(status().failure?.code, 'store_unavailable')
  await until('it stays closed', () => state.attempts >= 3)
  assert.equal(status().connected, 0)
  state.fails = false
  await accepted(5)
  await connected(1)
  assert.ok(status().gapMs > before)
  simulator.notify(snapshot(100))
  await accepted(6)
  assert.match(log.text(), /"code":"store_unavailable".*notification buffer full/)
})

test('a full inbox stores buffered messages one by one as it gets room', async (t) => {
  const { simulator, inbox, connected, accepted, status, log } = await listen(t, {
    queues: [queueId],
    maxPending: 3,
  })
  await connected()
  for (let index = 0; index < 7; index += 1) simulator.notify(snapshot(index))
  await accepted(3)
  await until('the failure is logged', () => log.text().includes('"code":"inbox_full"'))
  assert.equal(status().connected, 1)
  for (const stored of [6, 7]) {
    for (const claim of await inbox.claim({ limit: 3, leaseMs: 60_000 })) {
      const outcomes = claim.events.map(({ sequence }) => ({ sequence, state: 'unchanged' as const }))
      await inbox.settle(claim, { outcomes })
    }
    await accepted(stored)
  }
})

test('stop stores the buffered messages, or logs their number as lost', async (t) => {
  for (const fails of [false, true]) {
    const { state, wrapInbox } = failing()
    const { simulator, connected, notifications, totals, log } = await listen(t, {
      queues: [queueId],
      wrapInbox,
    })
    await connected()
    for (let index = 0; index < 3; index += 1) simulator.notify(snapshot(index))
    await until('it was tried', () => state.attempts >= 1)
    state.fails = fails
    await notifications.stop(5_000)
    assert.equal(totals.accepted, fails ? 0 : 3)
    const lost = log.entries().find(({ lost }) => lost !== undefined)?.lost
    assert.equal(lost, fails ? 3 : undefined)
  }
})
