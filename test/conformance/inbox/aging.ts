import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventOf, newEvent } from '../../helpers/conversation-events.ts'
import {
  all,
  dead,
  identitiesOf,
  knownValue,
  knownValues,
  type MakeInboxStore,
  openInbox,
  participantsOf,
  statesOf,
} from './harness.ts'

export function aging(makeStore: MakeInboxStore): void {
  test('expire makes exactly the events accepted before the given time dead', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock, claimAll } = subject
    await inbox.append([newEvent('old'), eventOf(1)])
    clock.advance(1_000)
    await inbox.append([newEvent('young'), eventOf(2)])
    assert.equal(await inbox.expire({ acceptedBefore: clock.now() - 1_000, limit: 10 }), 0)
    assert.equal(await inbox.expire({ acceptedBefore: clock.now() - 999, limit: 10 }), 2)
    assert.deepEqual(await statesOf(subject), [2, 2])
    const letters = await inbox.deadLetters({ limit: 10 })
    assert.deepEqual(
      letters.map(({ identity, code }) => [identity, code]),
      [
        ['old', 'expired'],
        ['event-1', 'expired'],
      ],
    )
    assert.deepEqual((await claimAll()).map(identitiesOf), [['young'], ['event-2']])
  })

  test('expire takes the oldest events first, up to the limit', async (t) => {
    const { inbox, clock, claimAll } = await openInbox(t, makeStore)
    for (let n = 1; n <= 5; n += 1) {
      await inbox.append([eventOf(n)])
      clock.advance(10)
    }
    const request = { acceptedBefore: clock.now(), limit: 2 }
    assert.deepEqual([await inbox.expire(request), await inbox.expire(request)], [2, 2])
    assert.deepEqual(participantsOf(await claimAll()), ['p5'])
  })

  test('expire skips leased events, and takes them after the lease', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock, claimAll } = subject
    await inbox.append([newEvent('leased'), eventOf(2)])
    const [leased, other] = await claimAll()
    assert.ok(leased !== undefined && other !== undefined)
    await inbox.settle(other, { outcomes: [] })
    clock.advance(1_000)
    const request = { acceptedBefore: clock.now(), limit: 10 }
    assert.equal(await inbox.expire(request), 1)
    assert.deepEqual(await statesOf(subject), [1, 1])
    assert.equal(await inbox.settle(leased, { outcomes: [] }), 'settled')
    assert.equal(await inbox.expire(request), 1)
    assert.deepEqual(await claimAll(), [])
  })

  test('expire also takes deferred events', async (t) => {
    const { inbox, clock, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    const retry = { dueAt: clock.now() + 60_000, failure: { code: 'unavailable', attempts: 1 } }
    await inbox.settle(await claimOne(), { outcomes: [], retry })
    assert.equal(await inbox.expire({ acceptedBefore: clock.now() + 1, limit: 10 }), 1)
    assert.equal(await inbox.nextDueAt(), undefined)
  })

  test('when one event of a deferred participant expires, the others keep their due time and failure', async (t) => {
    const { inbox, clock, claimOne, claimAll } = await openInbox(t, makeStore)
    await inbox.append([newEvent('old')])
    clock.advance(1_000)
    await inbox.append([newEvent('young')])
    const failure = { code: 'conflict', attempts: 4 }
    const dueAt = clock.now() + 5_000
    await inbox.settle(await claimOne(), { outcomes: [], retry: { dueAt, failure } })
    assert.equal(await inbox.expire({ acceptedBefore: clock.now(), limit: 10 }), 1)
    assert.deepEqual(await claimAll(), [])
    assert.equal(await inbox.nextDueAt(), dueAt)
    clock.advance(5_000)
    const claim = await claimOne()
    assert.deepEqual([identitiesOf(claim), claim.failure], [['young'], failure])
  })

  test('prune deletes events settled before the given time, but no pending ones', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock, claimAll } = subject
    await inbox.append([eventOf(1), eventOf(2), eventOf(3)])
    const [first, second, third] = await claimAll()
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    await inbox.settle(first, { outcomes: all(first, { state: 'applied' }) })
    await inbox.settle(second, { outcomes: all(second, dead) })
    clock.advance(1_000)
    await inbox.settle(third, { outcomes: all(third, dead) })
    await inbox.append([eventOf(4)])
    clock.advance(1_000_000)
    const before = clock.now() - 1_000_000
    assert.equal(await inbox.prune({ before, limit: 10 }), 2)
    assert.equal(await inbox.prune({ before, limit: 10 }), 0)
    assert.deepEqual(await statesOf(subject), [1, 1])
    assert.deepEqual(
      (await inbox.deadLetters({ limit: 10 })).map(({ identity }) => identity),
      ['event-3'],
    )
    // A deleted event is not a duplicate any more; a kept one still is.
    assert.deepEqual(await inbox.append([eventOf(1), eventOf(2), eventOf(3), eventOf(4)]), {
      kind: 'appended',
      results: ['accepted', 'accepted', 'duplicate', 'duplicate'],
      deadLetters: ['event-3'],
    })
  })

  test('prune deletes values by the time they were last confirmed, not decided', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    const claim = await claimOne()
    const known = knownValues({
      stale: knownValue('1', { decidedAt: 900, knownAt: 99 }),
      fresh: knownValue('2', { decidedAt: 5, knownAt: 100 }),
    })
    await inbox.settle(claim, { outcomes: [], known })
    assert.equal(await inbox.prune({ before: 100, limit: 10 }), 1)
    assert.deepEqual([...(await claimOne()).known.keys()], ['fresh'])
  })

  test('prune deletes at most the given number of rows', async (t) => {
    const { inbox, clock, claimAll } = await openInbox(t, makeStore)
    await inbox.append(Array.from({ length: 5 }, (_, n) => eventOf(n)))
    for (const claim of await claimAll()) await inbox.settle(claim, { outcomes: all(claim, dead) })
    clock.advance(1)
    const step = () => inbox.prune({ before: clock.now(), limit: 2 })
    assert.deepEqual([await step(), await step(), await step(), await step()], [2, 2, 1, 0])
    assert.equal((await inbox.stats()).dead, 0)
  })
}
