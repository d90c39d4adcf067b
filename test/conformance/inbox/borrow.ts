import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newEvent } from '../../helpers/conversation-events.ts'
import { all, dead, knownValue, knownValues, leaseMs, type MakeInboxStore, openInbox } from './harness.ts'

const key = { conversationId: 'c1', participantId: 'p2' }

export function borrow(makeStore: MakeInboxStore): void {
  test('borrow leases a participant for an event of another one, and settle stores its values', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    const borrowed = await inbox.borrow({ key, leaseMs })
    assert.ok(borrowed !== undefined)
    assert.deepEqual([borrowed.key, borrowed.events, [...borrowed.known]], [key, [], []])
    const known = knownValues({ tier: knownValue('gold') })
    assert.equal(await inbox.settle(borrowed, { outcomes: [], known }), 'settled')
    assert.deepEqual([...((await inbox.borrow({ key, leaseMs }))?.known ?? [])], [...known])
  })

  test('a claimed or borrowed participant cannot be borrowed or claimed again', async (t) => {
    const { inbox, clock, claimAll, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1', { participantId: 'p2' })])
    const claim = await claimOne()
    assert.equal(await inbox.borrow({ key, leaseMs }), undefined)
    await inbox.settle(claim, { outcomes: [] })
    const borrowed = await inbox.borrow({ key, leaseMs })
    assert.ok(borrowed !== undefined)
    assert.deepEqual(await claimAll(), [])
    assert.equal(await inbox.borrow({ key, leaseMs }), undefined)
    clock.advance(leaseMs)
    const again = await claimOne()
    assert.equal(await inbox.settle(borrowed, { outcomes: [], known: knownValues({}) }), 'lease_lost')
    assert.equal(await inbox.settle(again, { outcomes: all(again, dead) }), 'settled')
  })

  test('settling a borrowed participant does not change its own events and their due time', async (t) => {
    const { inbox, clock, claimOne, claimAll } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1', { participantId: 'p2' })])
    const retry = { dueAt: clock.now() + 1_000, failure: { code: 'conflict', attempts: 2 } }
    await inbox.settle(await claimOne(), { outcomes: [], retry })
    const borrowed = await inbox.borrow({ key, leaseMs })
    assert.ok(borrowed !== undefined)
    await inbox.settle(borrowed, { outcomes: [], known: knownValues({ tier: knownValue('gold') }) })
    assert.deepEqual(await claimAll(), [])
    clock.advance(1_000)
    assert.deepEqual((await claimOne()).failure, retry.failure)
  })
}
