import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newEvent } from '../../helpers/conversation-events.ts'
import { all, type MakeInboxStore, openInbox } from './harness.ts'

export function work(makeStore: MakeInboxStore): void {
  test('onWork tells of accepted events, to every listener', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    const told: string[] = []
    inbox.onWork(() => told.push('one'))
    inbox.onWork(() => told.push('other'))
    await inbox.append([newEvent('e1')])
    assert.deepEqual(told.sort(), ['one', 'other'])
  })

  test('what onWork told of can be claimed at once', async (t) => {
    const { inbox, claimAll } = await openInbox(t, makeStore)
    const claimed = new Promise<number>((resolve) => {
      inbox.onWork(() => claimAll().then((claims) => resolve(claims.length)))
    })
    await inbox.append([newEvent('e1')])
    assert.equal(await claimed, 1)
  })

  test('duplicates and a full inbox are no work', async (t) => {
    const { inbox } = await openInbox(t, makeStore, { maxPending: 1 })
    await inbox.append([newEvent('e1')])
    let told = 0
    inbox.onWork(() => {
      told += 1
    })
    await inbox.append([newEvent('e1')])
    await inbox.append([newEvent('e2')])
    assert.equal(told, 0)
  })

  test('a claim given back, or events left behind, are work', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    const given = await claimOne()
    let told = 0
    inbox.onWork(() => {
      told += 1
    })
    await inbox.settle(given, { outcomes: [] })
    assert.equal(told, 1)
    const claim = await claimOne()
    await inbox.append([newEvent('e2')])
    told = 0
    await inbox.settle(claim, { outcomes: all(claim, { state: 'applied' }) })
    assert.equal(told, 1)
  })

  test('who no longer listens is no longer told', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    let told = 0
    const stop = inbox.onWork(() => {
      told += 1
    })
    stop()
    stop()
    await inbox.append([newEvent('e1')])
    assert.equal(told, 0)
  })

  test('a working inbox is writable', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    await inbox.checkWritable()
    await inbox.append([newEvent('e1')])
    await inbox.checkWritable()
  })
}
