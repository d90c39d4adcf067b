import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxEventsPerClaim, priorities } from '../../../src/inbox/inbox.ts'
import { conversationEvent, eventOf, newEvent } from '../../helpers/conversation-events.ts'
import {
  all,
  dead,
  identitiesOf,
  knownValue,
  knownValues,
  leaseMs,
  type MakeInboxStore,
  openInbox,
  participantsOf,
  statesOf,
} from './harness.ts'

export function claim(makeStore: MakeInboxStore): void {
  test('claim returns nothing from an empty inbox', async (t) => {
    const { inbox, claimAll } = await openInbox(t, makeStore)
    assert.deepEqual(await claimAll(), [])
    await inbox.append([eventOf(1)])
    assert.deepEqual(await inbox.claim({ limit: 0, leaseMs }), [])
  })

  test('a claim contains all events of exactly one participant in order of acceptance', async (t) => {
    const { inbox, claimAll } = await openInbox(t, makeStore)
    await inbox.append([
      newEvent('a1', { participantId: 'a' }),
      newEvent('b1', { participantId: 'b' }),
      newEvent('a2', { participantId: 'a' }),
      newEvent('other conversation', { conversationId: 'c2', participantId: 'a' }),
    ])
    await inbox.append([newEvent('a3', { participantId: 'a' })])
    const claims = await claimAll()
    assert.deepEqual(claims.map(identitiesOf), [['a1', 'a2', 'a3'], ['b1'], ['other conversation']])
    const sequences = claims[0]?.events.map(({ sequence }) => sequence) ?? []
    assert.ok(sequences.every((sequence, index) => index === 0 || sequence > (sequences[index - 1] ?? 0)))
    assert.equal(new Set(claims.map(({ lease }) => lease)).size, 3)
  })

  test('events without a participant are claimed by conversation', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore)
    const { participantId: _, ...event } = conversationEvent('e1')
    await inbox.append([{ event, priority: priorities.normal }])
    const claimed = await claimOne()
    assert.deepEqual(claimed.key, { conversationId: 'c1', participantId: '' })
    assert.deepEqual(claimed.events[0]?.event, event)
  })

  test('a claim contains a limited number of events, and the next claim the rest', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore, { maxPending: 10_000 })
    const events = Array.from({ length: maxEventsPerClaim + 2 }, (_, n) => newEvent(`e${n}`))
    await inbox.append(events)
    const first = await claimOne()
    assert.equal(first.events.length, maxEventsPerClaim)
    await inbox.settle(first, { outcomes: all(first, { state: 'applied' }) })
    assert.deepEqual(identitiesOf(await claimOne()), [`e${maxEventsPerClaim}`, `e${maxEventsPerClaim + 1}`])
  })

  test('claims are ordered by priority, then age', async (t) => {
    const { inbox, claimAll } = await openInbox(t, makeStore)
    const { high, normal, low } = priorities
    await inbox.append([
      eventOf(1, low),
      eventOf(2, normal),
      eventOf(3, high),
      eventOf(4, normal),
      eventOf(5, high),
    ])
    assert.deepEqual(participantsOf(await claimAll()), ['p3', 'p5', 'p2', 'p4', 'p1'])
  })

  test('a participant is as urgent as its most urgent pending event', async (t) => {
    const { inbox, claimAll } = await openInbox(t, makeStore)
    const { high, normal } = priorities
    await inbox.append([eventOf(1), eventOf(2), newEvent('urgent', { participantId: 'p2' }, high)])
    await inbox.append([newEvent('not urgent', { participantId: 'p2' })])
    const [first, second] = await claimAll()
    assert.deepEqual([first?.key.participantId, second?.key.participantId], ['p2', 'p1'])
    assert.ok(first !== undefined && second !== undefined)
    const urgent = first.events.filter(({ event }) => event.identity === 'urgent')
    await inbox.settle(first, {
      outcomes: urgent.map(({ sequence }) => ({ sequence, state: 'applied' })),
    })
    await inbox.settle(second, { outcomes: [] })
    await inbox.append([eventOf(3, normal)])
    assert.deepEqual(participantsOf(await claimAll()), ['p1', 'p2', 'p3'])
  })

  test('claim respects the limit, and later claims get the other participants', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    await inbox.append([eventOf(1), eventOf(2), eventOf(3)])
    assert.deepEqual(participantsOf(await inbox.claim({ limit: 2, leaseMs })), ['p1', 'p2'])
    assert.deepEqual(participantsOf(await inbox.claim({ limit: 2, leaseMs })), ['p3'])
    assert.deepEqual(await inbox.claim({ limit: 2, leaseMs }), [])
  })

  test('concurrent claims never share a participant', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    await inbox.append(Array.from({ length: 20 }, (_, n) => eventOf(n)))
    const claims = await Promise.all([3, 1, 7, 2, 20].map((limit) => inbox.claim({ limit, leaseMs })))
    const participants = claims.flatMap(participantsOf)
    assert.equal(participants.length, 20)
    assert.equal(new Set(participants).size, 20)
  })

  test('a leased participant is not claimed again, also when events are appended', async (t) => {
    const { inbox, claimAll } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    await claimAll()
    await inbox.append([newEvent('e2', {}, priorities.high)])
    assert.deepEqual(await claimAll(), [])
  })

  test('many leased participants do not hide the ones after them', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    await inbox.append(Array.from({ length: 12 }, (_, n) => eventOf(n)))
    const seen: string[] = []
    for (let n = 0; n < 12; n += 1) seen.push(...participantsOf(await inbox.claim({ limit: 1, leaseMs })))
    assert.deepEqual(
      seen,
      Array.from({ length: 12 }, (_, n) => `p${n}`),
    )
  })

  test('a claim has the last failure and the known values', async (t) => {
    const { inbox, clock, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    const first = await claimOne()
    assert.equal(first.failure, undefined)
    assert.deepEqual([...first.known], [])
    const known = knownValues({ tier: knownValue('gold', { decidedAt: 7, sequence: 3, knownAt: 9 }) })
    const failure = { code: 'conflict', attempts: 2 }
    await inbox.settle(first, { outcomes: [], known, retry: { dueAt: clock.now(), failure } })
    const second = await claimOne()
    assert.deepEqual(second.failure, failure)
    assert.deepEqual([...second.known], [...known])
  })

  test('after the lease expires the participant is claimable again, and a late settle changes nothing', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock, claimOne } = subject
    await inbox.append([newEvent('e1')])
    const [late] = await inbox.claim({ limit: 1, leaseMs: 1_000 })
    assert.ok(late !== undefined)
    clock.advance(999)
    assert.deepEqual(await inbox.claim({ limit: 1, leaseMs }), [])
    clock.advance(1)
    const current = await claimOne()
    const settlement = { outcomes: all(late, dead), known: knownValues({ tier: knownValue('late') }) }
    assert.equal(await inbox.settle(late, settlement), 'lease_lost')
    assert.deepEqual(await statesOf(subject), [1, 0])
    // Neither the value nor the newer lease changed.
    assert.deepEqual(await inbox.claim({ limit: 1, leaseMs }), [])
    assert.equal(await inbox.settle(current, { outcomes: [] }), 'settled')
    assert.deepEqual([...(await claimOne()).known], [])
  })

  test('a settle after the lease expired loses the lease even without another claim', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock, claimOne } = subject
    await inbox.append([newEvent('e1')])
    const [late] = await inbox.claim({ limit: 1, leaseMs: 1_000 })
    assert.ok(late !== undefined)
    clock.advance(1_000)
    assert.equal(await inbox.settle(late, { outcomes: all(late, dead) }), 'lease_lost')
    assert.equal(await inbox.settle(late, { outcomes: [] }), 'lease_lost')
    assert.deepEqual(await statesOf(subject), [1, 0])
    assert.deepEqual(identitiesOf(await claimOne()), ['e1'])
  })

  test('regression: a claim of a few large events filled the memory at every start', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore)
    const body = 'x'.repeat(400_000)
    await inbox.append(Array.from({ length: 5 }, (_, n) => newEvent(`large${n}`, { body })))
    const first = await claimOne()
    assert.deepEqual(identitiesOf(first), ['large0', 'large1'])
    await inbox.settle(first, { outcomes: all(first, { state: 'applied' }) })
    assert.deepEqual(identitiesOf(await claimOne()), ['large2', 'large3'])
  })

  test('within a priority, live conversations go before ended ones of any age', async (t) => {
    const { inbox, claimAll } = await openInbox(t, makeStore)
    await inbox.append([
      newEvent('ended', { conversationId: 'c1', participantId: 'a' }),
      newEvent('live', { conversationId: 'c2', participantId: 'b' }),
      newEvent('ended too', { conversationId: 'c1', participantId: 'c' }),
    ])
    await inbox.noteEnded(['c1', 'unknown'])
    assert.deepEqual((await claimAll()).map(identitiesOf), [['live'], ['ended'], ['ended too']])
  })

  test('a constant flow of urgent events does not starve the participant that has waited longest', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    await inbox.append([{ ...newEvent('patient', { participantId: 'patient' }), priority: priorities.low }])
    const turns: string[] = []
    for (let turn = 0; turn < 20 && !turns.includes('patient'); turn += 1) {
      const participantId = `urgent${turn}`
      await inbox.append([{ ...newEvent(participantId, { participantId }), priority: priorities.high }])
      const [claimed] = await inbox.claim({ limit: 1, leaseMs })
      assert.ok(claimed)
      turns.push(claimed.key.participantId)
      await inbox.settle(claimed, { outcomes: all(claimed, { state: 'applied' }) })
    }
    assert.equal(turns.at(-1), 'patient', turns.join())
    assert.ok(turns.length > 2, 'urgent work still goes first')
  })
}
