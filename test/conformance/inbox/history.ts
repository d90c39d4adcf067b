import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OutcomeRecord } from '../../../src/inbox/inbox.ts'
import { eventOf, newEvent } from '../../helpers/conversation-events.ts'
import { all, dead, knownValue, knownValues, type MakeInboxStore, openInbox } from './harness.ts'

const record: OutcomeRecord = {
  rules: ['vip', 'tier'],
  attributeNames: ['vip_status', 'tier'],
  inPatch: true,
  api: { status: 202, correlationId: 'c-1' },
}

export function history(makeStore: MakeInboxStore): void {
  test('regression: a pending event lost its attempts when a later event of its conversation was pruned', async (t) => {
    const { inbox, claimOne, clock } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    const first = await claimOne()
    await inbox.settle(first, { outcomes: [], attempted: first.events.map(({ sequence }) => sequence) })
    await inbox.append([newEvent('e2')])
    const second = await claimOne()
    const later = second.events.at(-1)?.sequence ?? 0
    await inbox.settle(second, { outcomes: [{ sequence: later, state: 'applied', record }], attempted: [] })
    clock.advance(1)
    assert.ok((await inbox.prune({ before: clock.now(), limit: 100 })) > 0)
    assert.equal((await inbox.event('e1'))?.history.attempts, 1)
  })

  test('the history of an event has what was decided, sent and answered', async (t) => {
    const subject = await openInbox(t, makeStore)
    const acceptedAt = subject.clock.now()
    await subject.inbox.append(['e1', 'e2', 'e3'].map((identity) => newEvent(identity)))
    const claim = await subject.claimOne()
    const [first, second, third] = claim.events.map(({ sequence }) => sequence)
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    subject.clock.advance(300)
    await subject.inbox.settle(claim, {
      outcomes: [
        { sequence: first, state: 'applied', record },
        { sequence: second, state: 'applied', record: { ...record, targetId: 'agent' } },
        {
          sequence: third,
          state: 'unchanged',
          reason: 'later_event',
          record: { rules: [], attributeNames: [], inPatch: false },
        },
      ],
      attempted: [first, second],
      known: knownValues({ tier: knownValue('gold') }),
    })
    await subject.reopen()
    const found = await subject.inbox.event('e1')
    assert.deepEqual(found?.history, {
      ...claim.events[0],
      acceptedAt,
      state: 'applied',
      settledAt: acceptedAt + 300,
      replayedAt: undefined,
      attempts: 1,
      code: undefined,
      detail: undefined,
      reason: undefined,
      failedAt: undefined,
      dueAt: undefined,
      rules: record.rules,
      attributeNames: record.attributeNames,
      targetId: undefined,
      mergedWith: ['e2'],
      api: record.api,
    })
    assert.equal(found?.known.get('tier')?.value, 'gold')
    const other = (await subject.inbox.event('e2'))?.history
    assert.deepEqual([other?.targetId, other?.mergedWith], ['agent', ['e1']])
    const unchanged = (await subject.inbox.event('e3'))?.history
    assert.deepEqual(
      [unchanged?.state, unchanged?.attempts, unchanged?.rules, unchanged?.mergedWith, unchanged?.api],
      ['unchanged', 0, [], [], undefined],
    )
    assert.deepEqual([unchanged?.reason, unchanged?.code], ['later_event', undefined])
    assert.equal(await subject.inbox.event('e4'), undefined)
  })

  test('a pending event has its attempts, the last failure and the next attempt', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { clock } = subject
    await subject.inbox.append([newEvent('e1')])
    for (const attempts of [1, 2]) {
      const claim = await subject.claimOne()
      const retry = { dueAt: clock.now() + 1_000, failure: { code: 'unavailable', attempts } }
      const attempted = claim.events.map(({ sequence }) => sequence)
      await subject.inbox.settle(claim, { outcomes: [], attempted, retry })
      await subject.reopen()
      const waiting = (await subject.inbox.event('e1'))?.history
      assert.deepEqual(
        [waiting?.state, waiting?.attempts, waiting?.code, waiting?.failedAt, waiting?.dueAt],
        ['pending', attempts, 'unavailable', clock.now(), retry.dueAt],
      )
      clock.advance(1_000)
    }
    const claim = await subject.claimOne()
    const attempted = claim.events.map(({ sequence }) => sequence)
    await subject.inbox.settle(claim, { outcomes: all(claim, { state: 'applied', record }), attempted })
    const settled = (await subject.inbox.event('e1'))?.history
    assert.deepEqual(
      [settled?.state, settled?.attempts, settled?.code, settled?.failedAt],
      ['applied', 3, undefined, undefined],
    )
  })

  test('a call without a retry counts as an attempt too', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    const claim = await claimOne()
    await inbox.settle(claim, { outcomes: [], attempted: claim.events.map(({ sequence }) => sequence) })
    assert.equal((await inbox.event('e1'))?.history.attempts, 1)
  })

  test('events of a conversation are found newest first, in every state, also after a reopen', async (t) => {
    const subject = await openInbox(t, makeStore)
    for (const n of [1, 2, 3]) {
      await subject.inbox.append([eventOf(n), newEvent(`other-${n}`, { conversationId: `other-${n}` })])
      if (n === 3) break
      for (const claim of await subject.claimAll())
        await subject.inbox.settle(claim, { outcomes: all(claim, n === 1 ? { state: 'applied' } : dead) })
    }
    const found = async () => {
      const { items } = await subject.inbox.events({ conversationId: 'c1', limit: 10 })
      return items.map(({ event, state }) => [event.identity, state])
    }
    const expected = [
      ['event-3', 'pending'],
      ['event-2', 'dead'],
      ['event-1', 'applied'],
    ]
    assert.deepEqual(await found(), expected)
    await subject.reopen()
    assert.deepEqual(await found(), expected)
    assert.deepEqual((await subject.inbox.events({ conversationId: 'unknown', limit: 10 })).items, [])
  })

  test('events are filtered by participant, state and time, and paged', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock } = subject
    const start = clock.now()
    for (let n = 0; n < 6; n += 1) {
      await inbox.append([newEvent(`e${n}`, { participantId: `p${n % 2}` })])
      clock.advance(10)
      for (const claim of n < 4 ? await subject.claimAll() : [])
        await inbox.settle(claim, { outcomes: all(claim, n < 2 ? dead : { state: 'unchanged' }) })
    }
    const found = async (query: object) =>
      (await inbox.events({ limit: 10, ...query })).items.map(({ event: { identity } }) => identity)
    for (const conversation of [{}, { conversationId: 'c1' }]) {
      assert.deepEqual(await found({ ...conversation, participantId: 'p1' }), ['e5', 'e3', 'e1'])
      assert.deepEqual(await found({ ...conversation, state: 'dead' }), ['e1', 'e0'])
      assert.deepEqual(await found({ ...conversation, state: 'pending' }), ['e5', 'e4'])
      assert.deepEqual(await found({ ...conversation, state: 'applied' }), [])
      assert.deepEqual(await found({ ...conversation, since: start + 30 }), ['e5', 'e4', 'e3'])
      const seen: string[] = []
      let before: number | undefined
      do {
        const page = await inbox.events({ ...conversation, limit: 4, ...(before && { before }) })
        seen.push(...page.items.map(({ event: { identity } }) => identity))
        before = page.next
      } while (before !== undefined)
      assert.deepEqual(seen, ['e5', 'e4', 'e3', 'e2', 'e1', 'e0'])
    }
  })

  test('a conversation is found while its older events are pruned', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock } = subject
    const settleAll = async (outcome: { state: 'applied' } | typeof dead) => {
      for (const claim of await subject.claimAll())
        await inbox.settle(claim, { outcomes: all(claim, outcome) })
    }
    await inbox.append([eventOf(1)])
    await settleAll(dead)
    await inbox.append([eventOf(2)])
    await settleAll({ state: 'applied' })
    clock.advance(1_000)
    await inbox.replay({ all: true })
    await settleAll({ state: 'applied' })
    await inbox.append([eventOf(3)])
    assert.equal(await inbox.prune({ before: clock.now(), limit: 10 }), 1)
    const { items } = await inbox.events({ conversationId: 'c1', limit: 10 })
    assert.deepEqual(
      items.map(({ event }) => event.identity),
      ['event-3', 'event-1'],
    )
  })

  test('dead letters are filtered by rule and time of death', async (t) => {
    const subject = await openInbox(t, makeStore)
    const { inbox, clock } = subject
    for (const [n, rules] of [['vip'], ['tier'], ['vip', 'tier']].entries()) {
      clock.advance(100)
      await inbox.append([eventOf(n)])
      const claim = await subject.claimOne()
      const outcome = { ...dead, record: { rules, attributeNames: ['a'], inPatch: true } }
      await inbox.settle(claim, { outcomes: all(claim, outcome) })
    }
    const found = async (query: object) =>
      (await inbox.deadLetters({ limit: 10, ...query })).map(({ identity }) => identity)
    assert.deepEqual(await found({ rule: 'vip' }), ['event-0', 'event-2'])
    assert.deepEqual(await found({ rule: 'tier', limit: 1 }), ['event-1'])
    assert.deepEqual(await found({ rule: 'none' }), [])
    assert.deepEqual(await found({ since: clock.now() - 100 }), ['event-1', 'event-2'])
  })
}
