import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newEvent } from '../../helpers/conversation-events.ts'
import { all, type MakeInboxStore, openInbox } from './harness.ts'

export function work(makeStore: MakeInboxStore): void {
  test('onWork calls every listener after an accepted event', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    const calls: string[] = []
    inbox.onWork(() => calls.push('one'))
    inbox.onWork(() => calls.push('other'))
    await inbox.append([newEvent('e1')])
    assert.deepEqual(calls.sort(), ['one', 'other'])
  })

  test('the events are claimable when onWork calls its listeners', async (t) => {
    const { inbox, claimAll } = await openInbox(t, makeStore)
    const claimed = new Promise<number>((resolve) => {
      inbox.onWork(() => claimAll().then((claims) => resolve(claims.length)))
    })
    await inbox.append([newEvent('e1')])
    assert.equal(await claimed, 1)
  })

  test('duplicates and a full inbox do not trigger onWork', async (t) => {
    const { inbox } = await openInbox(t, makeStore, { maxPending: 1 })
    await inbox.append([newEvent('e1')])
    let calls = 0
    inbox.onWork(() => {
      calls += 1
    })
    await inbox.append([newEvent('e1')])
    await inbox.append([newEvent('e2')])
    assert.equal(calls, 0)
  })

  test('a released claim and remaining events trigger onWork', async (t) => {
    const { inbox, claimOne } = await openInbox(t, makeStore)
    await inbox.append([newEvent('e1')])
    const given = await claimOne()
    let calls = 0
    inbox.onWork(() => {
      calls += 1
    })
    await inbox.settle(given, { outcomes: [] })
    assert.equal(calls, 1)
    const claim = await claimOne()
    await inbox.append([newEvent('e2')])
    calls = 0
    await inbox.settle(claim, { outcomes: all(claim, { state: 'applied' }) })
    assert.equal(calls, 1)
  })

  test('a removed listener is not called', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    let calls = 0
    const stop = inbox.onWork(() => {
      calls += 1
    })
    stop()
    stop()
    await inbox.append([newEvent('e1')])
    assert.equal(calls, 0)
  })

  test('checkWritable resolves for a working inbox', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    await inbox.checkWritable()
    await inbox.append([newEvent('e1')])
    await inbox.checkWritable()
  })
}
