import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventOf, newEvent } from '../../helpers/conversation-events.ts'
import {
  all,
  dead,
  identitiesOf,
  leaseMs,
  type MakeInboxStore,
  openInbox,
  participantsOf,
  statesOf,
} from './harness.ts'

export function lifecycle(makeStore: MakeInboxStore): void {
  test('close is idempotent, and waits for writes in flight', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox } = subject
    const appended = inbox.append([newEvent('e1')])
    const closed = [inbox.close(), inbox.close()]
    assert.deepEqual(await appended, { kind: 'appended', results: ['accepted'] })
    await Promise.all(closed)
    await inbox.close()
    await subject.reopen()
    assert.deepEqual(await statesOf(subject), [1, 0])
  })

  test('a closed inbox rejects append and claim', async (t) => {
    const subject = await openInbox(t, makeStore)
    await subject.inbox.close()
    await assert.rejects(subject.inbox.append([newEvent('e1')]))
    await assert.rejects(subject.inbox.claim({ limit: 1, leaseMs }))
    await subject.reopen()
    assert.deepEqual(await statesOf(subject), [0, 0])
  })

  test('accepted and settled events survive close and reopen', async (t) => {
    const subject = await openInbox(t, makeStore)
    await subject.inbox.append([eventOf(1), eventOf(2), eventOf(3)])
    const [first, second] = await subject.inbox.claim({ limit: 2, leaseMs })
    assert.ok(first !== undefined && second !== undefined)
    await subject.inbox.settle(first, { outcomes: all(first, { state: 'applied' }) })
    await subject.inbox.settle(second, { outcomes: all(second, dead) })
    const letters = await subject.inbox.deadLetters({ limit: 10 })
    const stats = await subject.inbox.stats()
    await subject.reopen()
    assert.deepEqual(await subject.inbox.stats(), stats)
    assert.deepEqual(await subject.inbox.deadLetters({ limit: 10 }), letters)
    assert.deepEqual(participantsOf(await subject.claimAll()), ['p3'])
  })

  test('leases end with the process: claimed events are claimable at once after a reopen', async (t) => {
    const subject = await openInbox(t, makeStore)
    await subject.inbox.append([newEvent('e1'), newEvent('e2')])
    const lost = await subject.claimOne()
    await subject.reopen()
    assert.equal((await subject.inbox.stats()).inFlight, 0)
    const claim = await subject.claimOne()
    assert.deepEqual(identitiesOf(claim), ['e1', 'e2'])
    assert.equal(await subject.inbox.settle(lost, { outcomes: all(lost, dead) }), 'lease_lost')
    assert.deepEqual(await statesOf(subject), [2, 0])
  })

  test('an expired lease does not count as in flight', async (t) => {
    const { inbox, clock, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    await claimOne()
    assert.equal((await inbox.stats()).inFlight, 1)
    clock.advance(leaseMs)
    assert.equal((await inbox.stats()).inFlight, 0)
  })

  test('regression: a sequence is never reused, even if all rows were pruned before a reopen', async (t) => {
    const subject = await openInbox(t, makeStore)
    await subject.inbox.append([newEvent('e1'), newEvent('e2')])
    const claim = await subject.claimOne()
    await subject.inbox.settle(claim, { outcomes: all(claim, { state: 'applied' }) })
    subject.clock.advance(10)
    assert.equal(await subject.inbox.prune({ before: subject.clock.now(), limit: 10 }), 2)
    await subject.reopen()
    await subject.inbox.append([newEvent('e3')])
    const [before] = claim.events.slice(-1)
    const [after] = (await subject.claimOne()).events
    assert.ok(before !== undefined && after !== undefined && after.sequence > before.sequence)
  })

  test('regression: a retry with a due time far ahead, because the clock was set back, is claimable', async (t) => {
    const { inbox, clock, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    const retry = { dueAt: clock.now() + 7_200_000, failure: { code: 'conflict', attempts: 2 } }
    await inbox.settle(await claimOne(), { outcomes: [], retry })
    assert.deepEqual((await claimOne()).failure, retry.failure)
  })

  test('a retry can wait for an hour, the longest Retry-After', async (t) => {
    const { inbox, clock, claimAll, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    const retry = { dueAt: clock.now() + 3_600_000, failure: { code: 'unavailable', attempts: 1 } }
    await inbox.settle(await claimOne(), { outcomes: [], retry })
    clock.advance(3_599_999)
    assert.deepEqual(await claimAll(), [])
    clock.advance(1)
    assert.deepEqual((await claimOne()).failure, retry.failure)
  })

  for (const jump of [-170_000, 170_000])
    test(`regression: a clock that jumps by ${jump} ms does not change the wait of a retry`, async (t) => {
      const { inbox, clock, jump: jumpBy, claimAll, claimOne } = await openInbox(t, makeStore)
      await inbox.append([newEvent('e1')])
      const retry = { dueAt: clock.now() + 1_000, failure: { code: 'unavailable', attempts: 1 } }
      await inbox.settle(await claimOne(), { outcomes: [], retry })
      jumpBy(jump)
      assert.equal(await inbox.nextDueAt(), retry.dueAt + jump)
      clock.advance(999)
      assert.deepEqual(await claimAll(), [])
      clock.advance(1)
      assert.deepEqual((await claimOne()).failure, retry.failure)
    })

  test('regression: a retry recorded while the clock was ahead keeps its wait', async (t) => {
    const { inbox, clock, jump, claimOne } = await openInbox(t, makeStore)
    jump(170_000)
    await inbox.append([newEvent('e1')])
    const retry = { dueAt: clock.now() + 170_000 + 1_000, failure: { code: 'unavailable', attempts: 1 } }
    await inbox.settle(await claimOne(), { outcomes: [], retry })
    jump(-170_000)
    clock.advance(1_000)
    assert.deepEqual((await claimOne()).failure, retry.failure)
  })

  test('a retry keeps its due time and failure after a reopen', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { clock } = subject
    await subject.inbox.append([newEvent('e1')])
    const retry = { dueAt: clock.now() + 1_000, failure: { code: 'conflict', attempts: 2 } }
    await subject.inbox.settle(await subject.claimOne(), { outcomes: [], retry })
    await subject.reopen()
    assert.deepEqual(await subject.claimAll(), [])
    assert.equal(await subject.inbox.nextDueAt(), retry.dueAt)
    clock.advance(1_000)
    assert.deepEqual((await subject.claimOne()).failure, retry.failure)
  })

  test('the order of acceptance continues after a reopen', async (t) => {
    const subject = await openInbox(t, makeStore)
    await subject.inbox.append([newEvent('e1')])
    const first = await subject.claimOne()
    await subject.inbox.settle(first, { outcomes: all(first, { state: 'applied' }) })
    await subject.reopen()
    await subject.inbox.append([newEvent('e2')])
    const second = await subject.claimOne()
    assert.ok((second.events[0]?.sequence ?? 0) > (first.events[0]?.sequence ?? 0))
  })
}
