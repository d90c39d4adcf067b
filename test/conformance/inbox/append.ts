import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newEvent } from '../../helpers/conversation-events.ts'
import { rounds } from '../../helpers/rounds.ts'
import { all, dead, identitiesOf, type MakeInboxStore, openInbox } from './harness.ts'

export function append(makeStore: MakeInboxStore): void {
  test('new events are accepted with one result each, and claimed unchanged', async (t) => {
    const { inbox, clock, claimOne } = await openInbox(t, makeStore)
    const event = newEvent('e1', {
      id: 'sender-1',
      topic: 'customer.start',
      occurredAt: 17,
      attributes: { tier: 'gold' },
      participant: { purpose: 'customer', attributes: { 'naïve "key"': '\u0000\u{1f600}' } },
      body: { deep: [null, { n: 1.5 }] },
    })
    const acceptedAt = clock.now()
    assert.deepEqual(await inbox.append([event, newEvent('e2')]), {
      kind: 'appended',
      results: ['accepted', 'accepted'],
    })
    clock.advance(5_000)
    const claim = await claimOne()
    assert.deepEqual(claim.key, { conversationId: 'c1', participantId: 'p1' })
    assert.deepEqual(claim.events[0], {
      sequence: claim.events[0]?.sequence,
      acceptedAt,
      event: event.event,
    })
  })

  test('any JSON in the body is returned unchanged', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore)
    let events = 0
    const property = fc.asyncProperty(fc.jsonValue(), async (body) => {
      events += 1
      await inbox.append([newEvent(`e${events}`, { body })])
      const claim = await claimOne()
      assert.equal(JSON.stringify(claim.events[0]?.event.body), JSON.stringify(body))
      await inbox.settle(claim, { outcomes: all(claim, { state: 'unchanged' }) })
    })
    await fc.assert(property, { numRuns: rounds(25) })
  })

  test('an empty append succeeds', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    assert.deepEqual(await inbox.append([]), { kind: 'appended', results: [] })
  })

  test('an identity is stored once, within one append and across appends', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore)
    const other = newEvent('e1', { participantId: 'p2' })
    assert.deepEqual(await inbox.append([newEvent('e1'), other, newEvent('e2')]), {
      kind: 'appended',
      results: ['accepted', 'duplicate', 'accepted'],
    })
    assert.deepEqual(await inbox.append([newEvent('e2'), newEvent('e3')]), {
      kind: 'appended',
      results: ['duplicate', 'accepted'],
    })
    assert.equal((await inbox.stats()).pending, 3)
    assert.deepEqual(identitiesOf(await claimOne()), ['e1', 'e2', 'e3'])
  })

  test('concurrent appends of one identity store it once', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    const results = await Promise.all(Array.from({ length: 10 }, () => inbox.append([newEvent('e1')])))
    const kinds = results.map((result) => result.kind === 'appended' && result.results[0])
    assert.deepEqual(kinds.sort(), ['accepted', ...Array.from({ length: 9 }, () => 'duplicate')])
    assert.equal((await inbox.stats()).pending, 1)
  })

  for (const state of ['applied', 'unchanged', 'dead'] as const) {
    test(`an event in state ${state} is still recognised as a duplicate`, async (t) => {
      const subject = await openInbox(t, makeStore)
      await subject.inbox.append([newEvent('e1')])
      const claim = await subject.claimOne()
      await subject.inbox.settle(claim, { outcomes: all(claim, state === 'dead' ? dead : { state }) })
      const again = () => subject.inbox.append([newEvent('e1')])
      const deadLetters = state === 'dead' ? { deadLetters: ['e1'] } : {}
      assert.deepEqual(await again(), { kind: 'appended', results: ['duplicate'], ...deadLetters })
      await subject.reopen()
      assert.deepEqual(await again(), { kind: 'appended', results: ['duplicate'], ...deadLetters })
      assert.deepEqual(await subject.claimAll(), [])
    })
  }

  test('an append beyond the limit stores nothing', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore, { maxPending: 3 })
    await inbox.append([newEvent('e1'), newEvent('e2')])
    assert.deepEqual(await inbox.append([newEvent('e3'), newEvent('e4')]), { kind: 'full', pending: 2 })
    assert.equal((await inbox.stats()).pending, 2)
    // The event was not stored, so the sender's next attempt is not a duplicate.
    assert.deepEqual(await inbox.append([newEvent('e3')]), { kind: 'appended', results: ['accepted'] })
    assert.deepEqual(identitiesOf(await claimOne()), ['e1', 'e2', 'e3'])
  })

  test('an append that can never fit says so, without counting duplicates', async (t) => {
    const { inbox } = await openInbox(t, makeStore, { maxPending: 2 })
    await inbox.append([newEvent('e1')])
    const three = [newEvent('e2'), newEvent('e3'), newEvent('e4')]
    assert.deepEqual(await inbox.append(three), { kind: 'full', pending: 1, neverFits: true })
    const twoNew = [newEvent('e1'), newEvent('e2'), newEvent('e3')]
    assert.deepEqual(await inbox.append(twoNew), { kind: 'full', pending: 1 })
  })

  test('a full inbox still recognises duplicates, and accepts events again after a settle', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore, { maxPending: 2 })
    await inbox.append([newEvent('e1'), newEvent('e2')])
    assert.deepEqual(await inbox.append([newEvent('e1'), newEvent('e2')]), {
      kind: 'appended',
      results: ['duplicate', 'duplicate'],
    })
    assert.deepEqual(await inbox.append([newEvent('e3')]), { kind: 'full', pending: 2 })
    const claim = await claimOne()
    await inbox.settle(claim, { outcomes: all(claim, dead) })
    assert.deepEqual(await inbox.append([newEvent('e3'), newEvent('e4')]), {
      kind: 'appended',
      results: ['accepted', 'accepted'],
    })
  })

  test('an event that occurs twice in one append counts once towards the limit', async (t) => {
    const { inbox } = await openInbox(t, makeStore, { maxPending: 1 })
    assert.deepEqual(await inbox.append([newEvent('e1'), newEvent('e1')]), {
      kind: 'appended',
      results: ['accepted', 'duplicate'],
    })
  })

  test('concurrent appends keep their call order', async (t) => {
    const { inbox, claimAll } = await openInbox(t, makeStore)
    const numbers = Array.from({ length: 30 }, (_, index) => index)
    await Promise.all(numbers.map((n) => inbox.append([newEvent(`n${n}`, { participantId: `p${n % 3}` })])))
    const claims = await claimAll()
    const accepted = claims
      .flatMap(({ events }) => events)
      .sort((one, other) => one.sequence - other.sequence)
      .map(({ event }) => event.identity)
    assert.deepEqual(
      accepted,
      numbers.map((n) => `n${n}`),
    )
  })

  test('acceptance times do not fall when the clock is set back, also after a reopen', async (t) => {
    const store = await openInbox(t, makeStore)
    await store.inbox.append([newEvent('first')])
    store.clock.advance(-60_000)
    await store.inbox.append([newEvent('second')])
    await store.reopen()
    await store.inbox.append([newEvent('third')])
    const times = (await store.claimOne()).events.map(({ acceptedAt }) => acceptedAt)
    assert.deepEqual(times, times.toSorted())
    assert.equal(times.length, 3)
  })
}
