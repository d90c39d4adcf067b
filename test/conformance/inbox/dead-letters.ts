import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeadLetterCode } from '../../../src/errors.ts'
import { conversationEvent, eventOf, newEvent } from '../../helpers/conversation-events.ts'
import { all, dead, type InboxUnderTest, type MakeInboxStore, openInbox } from './harness.ts'

/** Creates one dead letter per code, in this order: `event-0`, `event-1`… */
async function bury({ inbox, claimOne }: InboxUnderTest, codes: readonly DeadLetterCode[]): Promise<void> {
  for (const [index, code] of codes.entries()) {
    await inbox.append([eventOf(index)])
    const claim = await claimOne()
    await inbox.settle(claim, { outcomes: all(claim, { state: 'dead', code }) })
  }
}

const codes = ['rejected', 'forbidden', 'rejected', 'not_found', 'rejected'] as const

export function deadLetters(makeStore: MakeInboxStore): void {
  test('a dead letter has the event, its times, the code and the detail', async (t) => {
    const { inbox, clock, claimOne } = await openInbox(t, makeStore)
    const event = conversationEvent('e1', { topic: 'acw', body: { a: [1] } })
    const acceptedAt = clock.now()
    await inbox.append([newEvent('e1', event)])
    const claim = await claimOne()
    clock.advance(700)
    await inbox.settle(claim, { outcomes: all(claim, dead) })
    const letters = await inbox.deadLetters({ limit: 10 })
    assert.deepEqual(letters, [
      {
        sequence: claim.events[0]?.sequence,
        identity: 'e1',
        state: 'dead',
        code: 'rejected',
        detail: 'as Genesys said',
        reason: undefined,
        acceptedAt,
        diedAt: acceptedAt + 700,
        settledAt: acceptedAt + 700,
        event,
        attempts: 0,
        rules: [],
        attributeNames: [],
        mergedWith: [],
        api: undefined,
        targetId: undefined,
        replayedAt: undefined,
        failedAt: undefined,
        dueAt: undefined,
      },
    ])
  })

  test('dead letters are paged in order of acceptance', async (t) => {
    const subject = await openInbox(t, makeStore)
    await bury(subject, codes)
    const pages: string[][] = []
    let after: number | undefined
    do {
      const page = await subject.inbox.deadLetters({ limit: 2, ...(after !== undefined && { after }) })
      pages.push(page.map(({ identity }) => identity))
      after = page.at(-1)?.sequence
    } while (after !== undefined)
    assert.deepEqual(pages, [['event-0', 'event-1'], ['event-2', 'event-3'], ['event-4'], []])
  })

  test('dead letters are filtered by code, also across pages', async (t) => {
    const subject = await openInbox(t, makeStore)
    await bury(subject, codes)
    const { inbox } = subject
    const first = await inbox.deadLetters({ code: 'rejected', limit: 2 })
    assert.deepEqual(
      first.map(({ identity, detail }) => [identity, detail]),
      [
        ['event-0', undefined],
        ['event-2', undefined],
      ],
    )
    const second = await inbox.deadLetters({ code: 'rejected', limit: 2, after: first[1]?.sequence ?? 0 })
    assert.deepEqual(
      second.map(({ identity }) => identity),
      ['event-4'],
    )
    assert.deepEqual(await inbox.deadLetters({ code: 'expired', limit: 2 }), [])
  })

  test('dead letters are counted by code and rule, all of them or those that fit', async (t) => {
    const { inbox, claimOne, clock } = await openInbox(t, makeStore)
    assert.deepEqual(await inbox.countDeadLetters({}), { total: 0, codes: [] })
    const given = [
      ['forbidden', ['tier'], 'c1'],
      ['rejected', ['tier', 'queue'], 'c1'],
      ['rejected', ['queue'], 'c2'],
      ['expired', [], 'c2'],
    ] as const
    for (const [index, [code, rules, conversationId]] of given.entries()) {
      await inbox.append([newEvent(`event-${index}`, { conversationId })])
      const claim = await claimOne()
      const record = { rules, attributeNames: [], inPatch: false }
      await inbox.settle(claim, { outcomes: all(claim, { state: 'dead', code, record }) })
      clock.advance(1_000)
    }
    const forbidden = { code: 'forbidden', count: 1, rules: [{ rule: 'tier', count: 1 }] }
    const queue = { rule: 'queue', count: 2 }
    const rejected = { code: 'rejected', count: 2, rules: [queue, { rule: 'tier', count: 1 }] }
    const expired = { code: 'expired', count: 1, rules: [] }
    assert.deepEqual(await inbox.countDeadLetters({}), { total: 4, codes: [rejected, forbidden, expired] })
    assert.deepEqual(await inbox.countDeadLetters({ code: 'forbidden' }), { total: 1, codes: [forbidden] })
    assert.deepEqual(await inbox.countDeadLetters({ rule: 'queue' }), { total: 2, codes: [rejected] })
    assert.equal((await inbox.countDeadLetters({ conversationId: 'c2', rule: 'queue' })).total, 1)
    assert.equal((await inbox.countDeadLetters({ since: clock.now() - 1_000 })).total, 1)
  })

  test('dead letters of one conversation are listed, replayed and dropped', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore)
    for (const [index, conversationId] of ['c1', 'c2', 'c1', 'c1'].entries()) {
      await inbox.append([newEvent(`event-${index}`, { conversationId })])
      const claim = await claimOne()
      await inbox.settle(claim, { outcomes: all(claim, { state: index === 2 ? 'unchanged' : 'dead' }) })
    }
    const list = async (after?: number) => {
      const query = { conversationId: 'c1', limit: 1, ...(after !== undefined && { after }) }
      return (await inbox.deadLetters(query)).map(({ identity, sequence }) => ({ identity, sequence }))
    }
    const [first] = await list()
    assert.equal(first?.identity, 'event-0')
    assert.deepEqual(
      (await list(first?.sequence)).map(({ identity }) => identity),
      ['event-3'],
    )
    assert.equal(await inbox.replay({ conversationId: 'c1' }), 2)
    assert.equal(await inbox.drop({ conversationId: 'c1' }), 0)
    assert.equal(await inbox.drop({ conversationId: 'c2' }), 1)
  })

  test('stats report pending, claimed and dead events, and when the oldest pending one was accepted', async (t) => {
    const { inbox, clock, claimAll } = await openInbox(t, makeStore)
    const none = {
      pending: 0,
      replayed: 0,
      inFlight: 0,
      dead: 0,
      oldestAcceptedAt: undefined,
      oldestReplayedAt: undefined,
    }
    assert.deepEqual(await inbox.stats(), none)
    const start = clock.now()
    await inbox.append([eventOf(1)])
    clock.advance(100)
    await inbox.append([eventOf(2), newEvent('another', { participantId: 'p2' })])
    assert.deepEqual(await inbox.stats(), {
      ...none,
      pending: 3,
      inFlight: 0,
      dead: 0,
      oldestAcceptedAt: start,
    })
    const [first, second] = await claimAll()
    assert.ok(first !== undefined && second !== undefined)
    assert.deepEqual(await inbox.stats(), {
      ...none,
      pending: 3,
      inFlight: 2,
      dead: 0,
      oldestAcceptedAt: start,
    })
    await inbox.settle(first, { outcomes: all(first, { state: 'applied' }) })
    const after = { ...none, pending: 2, inFlight: 1, dead: 0, oldestAcceptedAt: start + 100 }
    assert.deepEqual(await inbox.stats(), after)
    await inbox.settle(second, { outcomes: all(second, dead) })
    assert.deepEqual(await inbox.stats(), { ...none, dead: 2 })
  })
}
