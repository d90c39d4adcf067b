import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeadLetterCode } from '../../../src/errors.ts'
import { ageStart, maxEventsPerClaim, priorities } from '../../../src/inbox/inbox.ts'
import { eventOf, newEvent } from '../../helpers/conversation-events.ts'
import { rounds } from '../../helpers/rounds.ts'
import {
  all,
  dead,
  type InboxUnderTest,
  identitiesOf,
  leaseMs,
  type MakeInboxStore,
  openInbox,
  participantsOf,
  statesOf,
} from './harness.ts'

/** Creates dead letters `event-FROM` … of one participant each. */
async function bury({ inbox }: InboxUnderTest, count: number, code: DeadLetterCode = 'rejected', from = 0) {
  const events = Array.from({ length: count }, (_, n) => from + n)
  await inbox.append(
    events.map((n) => newEvent(`event-${n}`, { conversationId: `c${n}`, participantId: `p${n}` })),
  )
  const claims = await inbox.claim({ limit: count, leaseMs })
  await Promise.all(
    claims.map((claim) =>
      inbox.settle(claim, {
        outcomes: all(claim, { state: 'dead', code }),
        attempted: claim.events.map(({ sequence }) => sequence),
      }),
    ),
  )
}

export function replay(makeStore: MakeInboxStore): void {
  test('a replayed dead letter is pending again, with its event unchanged', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock } = subject
    const event = newEvent('e1', { body: { deep: [1] } })
    const acceptedAt = clock.now()
    await inbox.append([event])
    const first = await subject.claimOne()
    await inbox.settle(first, { outcomes: all(first, dead) })
    clock.advance(5_000)
    assert.equal(await inbox.replay({ identities: ['e1'] }), 1)
    assert.deepEqual(await statesOf(subject), [1, 0])
    const claim = await subject.claimOne()
    assert.deepEqual(claim.key, first.key)
    assert.deepEqual(claim.events, [{ ...first.events[0], acceptedAt, replayedAt: acceptedAt + 5_000 }])
    assert.deepEqual(claim.events.map(ageStart), [acceptedAt + 5_000])
    await inbox.settle(claim, { outcomes: all(claim, { state: 'applied' }) })
    assert.deepEqual(await statesOf(subject), [0, 0])
  })

  test('a replay selects by identity, by code, or all; what is not a dead letter is skipped', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox } = subject
    await bury(subject, 2, 'rejected', 0)
    await bury(subject, 3, 'forbidden', 2)
    await inbox.append([newEvent('pending', { participantId: 'other' })])
    assert.equal(await inbox.replay({ identities: ['event-0', 'pending', 'unknown', 'event-0'] }), 1)
    assert.equal(await inbox.replay({ identities: ['event-0'] }), 0)
    assert.equal(await inbox.replay({ code: 'forbidden' }), 3)
    assert.equal(await inbox.replay({ code: 'forbidden' }), 0)
    assert.deepEqual(await statesOf(subject), [5, 1])
    assert.equal(await inbox.replay({ all: true }), 1)
    assert.deepEqual(await statesOf(subject), [6, 0])
    assert.equal((await inbox.stats()).replayed, 5)
  })

  test('a replay and a drop select by rule and time of death, combined with a code', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock, claimOne } = subject
    const buryOne = async (n: number, rule: string, code: DeadLetterCode) => {
      await inbox.append([eventOf(n)])
      const claim = await claimOne()
      const record = { rules: [rule, 'every rule'], attributeNames: [], inPatch: false }
      await inbox.settle(claim, { outcomes: all(claim, { state: 'dead', code, record }) })
      clock.advance(1_000)
    }
    const start = clock.now()
    await buryOne(0, 'tier', 'forbidden')
    await buryOne(1, 'tier', 'rejected')
    await buryOne(2, 'queue', 'forbidden')
    await buryOne(3, 'queue', 'rejected')
    assert.equal(await inbox.replay({ rule: 'queue', since: start + 4_000 }), 0)
    assert.equal(await inbox.replay({ rule: 'queue', code: 'forbidden', since: start + 2_000 }), 1)
    assert.equal(await inbox.drop({ rule: 'tier', since: start + 1_000 }), 1)
    const left = await inbox.deadLetters({ rule: 'every rule', limit: 10 })
    assert.deepEqual(
      left.map(({ identity }) => identity),
      ['event-0', 'event-3'],
    )
    assert.equal(await inbox.drop({ since: start + 1 }), 1)
    assert.equal(await inbox.replay({ rule: 'tier' }), 1)
    assert.deepEqual(await statesOf(subject), [2, 0])
  })

  test('a live event goes before thousands of replayed ones, whatever its priority', async (t) => {
    const count = rounds(2_100)
    const subject = await openInbox(t, makeStore, { maxPending: 2 * count })
    const { inbox } = subject
    await bury(subject, count)
    assert.equal(await inbox.replay({ all: true }), count)
    for (let turn = 0; turn < 20; turn += 1) {
      const participantId = `live-${turn}`
      await inbox.append([newEvent(participantId, { participantId }, priorities.low)])
      const claims = await inbox.claim({ limit: 1, leaseMs })
      assert.deepEqual(participantsOf(claims), [participantId])
    }
    const rest = await inbox.claim({ limit: 2 * count, leaseMs })
    assert.equal(rest.length, count)
    assert.deepEqual(participantsOf(rest.slice(0, 3)), ['p0', 'p1', 'p2'])
  })

  test('replayed events leave room for live ones in a full inbox', async (t) => {
    const subject = await openInbox(t, makeStore, { maxPending: 2 })
    const { inbox } = subject
    await bury(subject, 2)
    await inbox.replay({ all: true })
    const accepted = { kind: 'appended', results: ['accepted', 'accepted'] }
    assert.deepEqual(await inbox.append([newEvent('a'), newEvent('b')]), accepted)
    await subject.reopen()
    assert.deepEqual(await subject.inbox.append([newEvent('c')]), { kind: 'full', pending: 4 })
    assert.equal((await subject.inbox.stats()).replayed, 2)
  })

  test('a letter that fails again is the same letter with one more attempt', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox } = subject
    await bury(subject, 1)
    const [before] = await inbox.deadLetters({ limit: 10 })
    for (const attempts of [2, 3]) {
      await inbox.replay({ all: true })
      const claim = await subject.claimOne()
      const attempted = claim.events.map(({ sequence }) => sequence)
      const outcomes = all(claim, { state: 'dead', code: 'forbidden' })
      await inbox.settle(claim, { outcomes, attempted })
      const letters = await inbox.deadLetters({ limit: 10 })
      assert.deepEqual(
        letters.map(({ sequence, identity, code, ...letter }) => [sequence, identity, code, letter.attempts]),
        [[before?.sequence, 'event-0', 'forbidden', attempts]],
      )
    }
  })

  test('the age of a replayed event counts from the replay', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock } = subject
    await bury(subject, 1)
    clock.advance(10_000)
    await inbox.append([newEvent('live')])
    await inbox.replay({ all: true })
    clock.advance(1_000)
    const { oldestAcceptedAt, oldestReplayedAt } = await inbox.stats()
    assert.deepEqual([oldestAcceptedAt, oldestReplayedAt], [clock.now() - 1_000, clock.now() - 1_000])
    assert.equal(await inbox.expire({ acceptedBefore: clock.now() - 1_000, limit: 10 }), 0)
    assert.equal(await inbox.expire({ acceptedBefore: clock.now(), limit: 10 }), 2)
    const [letter] = await inbox.deadLetters({ limit: 10 })
    assert.deepEqual([letter?.code, letter?.attempts], ['expired', 1])
  })

  test('the oldest live and the oldest replayed event are found apart, whichever is older', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { clock } = subject
    const start = clock.now()
    const oldest = async () => {
      const { oldestAcceptedAt, oldestReplayedAt } = await subject.inbox.stats()
      return [oldestAcceptedAt, oldestReplayedAt].map((at) => at && at - start)
    }
    await bury(subject, 3)
    assert.deepEqual(await oldest(), [undefined, undefined])
    clock.advance(1_000)
    await subject.inbox.replay({ identities: ['event-0'] })
    assert.deepEqual(await oldest(), [undefined, 1_000])
    clock.advance(1_000)
    await subject.inbox.append([newEvent('live', { participantId: 'live' })])
    clock.advance(1_000)
    await subject.inbox.replay({ identities: ['event-1'] })
    assert.deepEqual(await oldest(), [2_000, 1_000])
    const [live, first] = await subject.claimAll()
    assert.ok(live !== undefined && first !== undefined)
    await subject.inbox.settle(first, { outcomes: all(first, { state: 'applied' }) })
    assert.deepEqual(await oldest(), [2_000, 3_000])
    await subject.inbox.settle(live, { outcomes: all(live, { state: 'applied' }) })
    assert.deepEqual(await oldest(), [undefined, 3_000])
    await subject.reopen()
    clock.advance(1_000)
    await subject.inbox.append([newEvent('next', { participantId: 'next' })])
    assert.deepEqual(await oldest(), [4_000, 3_000])
    subject.jump(-2_500) // a clock that was set back
    await subject.inbox.replay({ identities: ['event-2'] })
    assert.deepEqual(await oldest(), [4_000, 1_500])
  })

  test('a replay survives a reopen, and its participants are claimable', async (t) => {
    const subject = await openInbox(t, makeStore)
    await bury(subject, 3)
    await subject.inbox.replay({ all: true })
    await subject.reopen()
    await subject.inbox.append([
      newEvent('live', { participantId: 'live' }),
      newEvent('new', { conversationId: 'c0', participantId: 'p0' }),
    ])
    await subject.reopen()
    const claims = await subject.claimAll()
    assert.deepEqual(claims.map(identitiesOf), [['event-0', 'new'], ['live'], ['event-1'], ['event-2']])
  })

  test('a replayed letter joins its participant, with newer events', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox } = subject
    await bury(subject, 1)
    await inbox.append([newEvent('new', { conversationId: 'c0', participantId: 'p0' })])
    await inbox.replay({ all: true })
    assert.deepEqual(identitiesOf(await subject.claimOne()), ['event-0', 'new'])
  })

  test('onWork calls its listeners after a replay', async (t) => {
    const subject = await openInbox(t, makeStore)
    await bury(subject, 1)
    let calls = 0
    subject.inbox.onWork(() => {
      calls += 1
    })
    await subject.inbox.replay({ all: true })
    assert.equal(calls, 1)
  })

  test('other calls continue during a replay of many letters', async (t) => {
    const subject = await openInbox(t, makeStore, { maxPending: 10_000 })
    const { inbox } = subject
    await bury(subject, 1_200)
    const order: string[] = []
    const replayed = inbox.replay({ all: true }).then(() => order.push('replayed'))
    await inbox.append([newEvent('live', { participantId: 'live' })])
    order.push('appended')
    await replayed
    assert.deepEqual(order, ['appended', 'replayed'])
  })

  test('drop deletes letters for good, also after a reopen', async (t) => {
    const subject = await openInbox(t, makeStore)
    await bury(subject, 2, 'rejected', 0)
    await bury(subject, maxEventsPerClaim, 'forbidden', 2)
    assert.equal(await subject.inbox.drop({ identities: ['event-0', 'unknown'] }), 1)
    assert.equal(await subject.inbox.drop({ code: 'forbidden' }), maxEventsPerClaim)
    assert.deepEqual(await statesOf(subject), [0, 1])
    await subject.reopen()
    assert.deepEqual(await statesOf(subject), [0, 1])
    assert.equal(await subject.inbox.event('event-0'), undefined)
    const again = await subject.inbox.append([eventOf(0), eventOf(1)])
    assert.deepEqual(again, {
      kind: 'appended',
      results: ['accepted', 'duplicate'],
      deadLetters: ['event-1'],
    })
    assert.equal(await subject.inbox.drop({ all: true }), 1)
  })
}
