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
  statesOf,
} from './harness.ts'

const failure = { code: 'unavailable', attempts: 3 }

export function settle(makeStore: MakeInboxStore): void {
  test('settle records the outcome of each event', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, claimOne, claimAll } = subject
    await inbox.append(['e1', 'e2', 'e3', 'e4'].map((identity) => newEvent(identity)))
    const claim = await claimOne()
    const [first, second, third] = claim.events.map(({ sequence }) => sequence)
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    const outcomes = [
      { sequence: third, ...dead },
      { sequence: first, state: 'applied' as const },
      { sequence: second, state: 'unchanged' as const },
    ]
    assert.equal(await inbox.settle(claim, { outcomes }), 'settled')
    assert.deepEqual(await statesOf(subject), [1, 1])
    const rest = await claimOne()
    assert.deepEqual(identitiesOf(rest), ['e4'])
    await inbox.settle(rest, { outcomes: all(rest, { state: 'applied' }) })
    assert.deepEqual(await claimAll(), [])
    assert.deepEqual(await statesOf(subject), [0, 1])
  })

  test('events appended during the lease stay pending and are claimable afterwards', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, claimOne, claimAll } = subject
    await inbox.append([newEvent('e1')])
    const claim = await claimOne()
    await inbox.append([newEvent('e2'), newEvent('e3')])
    assert.deepEqual(await claimAll(), [])
    await inbox.settle(claim, { outcomes: all(claim, { state: 'applied' }) })
    assert.deepEqual(await statesOf(subject), [2, 0])
    assert.deepEqual(identitiesOf(await claimOne()), ['e2', 'e3'])
  })

  test('a claim can be settled only once', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, claimOne } = subject
    await inbox.append([newEvent('e1'), newEvent('e2')])
    const claim = await claimOne()
    const [first] = all(claim, { state: 'applied' })
    assert.ok(first !== undefined)
    assert.equal(await inbox.settle(claim, { outcomes: [first] }), 'settled')
    assert.equal(await inbox.settle(claim, { outcomes: all(claim, dead) }), 'lease_lost')
    assert.deepEqual(await statesOf(subject), [1, 0])
  })

  test('a released claim is claimable at once, with its recorded failure', async (t) => {
    const { inbox, clock, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    await inbox.settle(await claimOne(), { outcomes: [], retry: { dueAt: clock.now() + 100, failure } })
    clock.advance(100)
    assert.equal(await inbox.settle(await claimOne(), { outcomes: [] }), 'settled')
    const again = await claimOne()
    assert.deepEqual([identitiesOf(again), again.failure], [['e1'], failure])
  })

  test('a retry is claimable from its due time on, which nextDueAt returns', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock, claimOne, claimAll } = subject
    assert.equal(await inbox.nextDueAt(), undefined)
    await inbox.append([eventOf(1), eventOf(2), eventOf(3)])
    assert.equal(await inbox.nextDueAt(), undefined)
    const start = clock.now()
    const delays = new Map([
      ['p1', 3_000],
      ['p2', 1_000],
      ['p3', 2_000],
    ])
    for (const claim of await claimAll()) {
      const dueAt = start + (delays.get(claim.key.participantId) ?? 0)
      await inbox.settle(claim, { outcomes: [], retry: { dueAt, failure } })
    }
    assert.deepEqual(await claimAll(), [])
    assert.equal(await inbox.nextDueAt(), start + 1_000)
    clock.advance(999)
    assert.deepEqual(await claimAll(), [])
    clock.advance(1)
    const claim = await claimOne()
    assert.deepEqual([claim.key.participantId, claim.failure], ['p2', failure])
    assert.equal(await inbox.nextDueAt(), start + 2_000)
    clock.advance(10_000)
    assert.equal((await claimAll()).length, 2)
    assert.equal(await inbox.nextDueAt(), undefined)
    assert.deepEqual(await statesOf(subject), [3, 0])
  })

  test('new events of a deferred participant are deferred with it', async (t) => {
    const { inbox, clock, claimOne, claimAll } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    await inbox.settle(await claimOne(), { outcomes: [], retry: { dueAt: clock.now() + 1_000, failure } })
    await inbox.append([newEvent('e2')])
    assert.deepEqual(await claimAll(), [])
    clock.advance(1_000)
    assert.deepEqual(identitiesOf(await claimOne()), ['e1', 'e2'])
  })

  test('with outcomes and a retry, only the events without an outcome are deferred', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock, claimOne, claimAll } = subject
    await inbox.append([newEvent('e1'), newEvent('e2'), newEvent('e3')])
    const claim = await claimOne()
    const second = claim.events[1]?.sequence ?? 0
    const retry = { dueAt: clock.now() + 1_000, failure }
    await inbox.settle(claim, { outcomes: [{ sequence: second, ...dead }], retry })
    assert.deepEqual(await statesOf(subject), [2, 1])
    assert.deepEqual(await claimAll(), [])
    clock.advance(1_000)
    assert.deepEqual(identitiesOf(await claimOne()), ['e1', 'e3'])
  })

  test('a success clears the recorded failure', async (t) => {
    const { inbox, clock, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    await inbox.settle(await claimOne(), { outcomes: [], retry: { dueAt: clock.now(), failure } })
    const claim = await claimOne()
    await inbox.append([newEvent('e2')])
    await inbox.settle(claim, { outcomes: all(claim, { state: 'applied' }) })
    assert.equal((await claimOne()).failure, undefined)
  })

  test('known values merge per attribute and participant, and outlast the pending events', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, claimOne, claimAll } = subject
    const gold = knownValue('gold', { decidedAt: 5, sequence: 1, knownAt: 50 })
    const silver = knownValue('silver', { decidedAt: 6, sequence: 2, knownAt: 60 })
    const emea = knownValue('emea', { decidedAt: 6, sequence: 2, knownAt: 61 })
    const empty = knownValue('', { decidedAt: 7 })
    for (const [identity, values] of [
      ['e1', { tier: gold, 'odd "name"\u0000': empty }],
      ['e2', { tier: silver, region: emea }],
    ] as const) {
      await inbox.append([newEvent(identity)])
      const claim = await claimOne()
      const known = knownValues({ ...values })
      await inbox.settle(claim, { outcomes: all(claim, { state: 'applied' }), known })
    }
    await subject.reopen()
    await subject.inbox.append([newEvent('e3'), newEvent('e4', { participantId: 'p2' })])
    const [mine, others] = await claimAll()
    assert.deepEqual(
      new Map(mine?.known),
      new Map(Object.entries({ 'odd "name"\u0000': empty, tier: silver, region: emea })),
    )
    assert.deepEqual([...(others?.known ?? [])], [])
  })
}
