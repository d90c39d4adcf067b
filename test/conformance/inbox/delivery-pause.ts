import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newEvent } from '../../helpers/conversation-events.ts'
import { type MakeInboxStore, openInbox } from './harness.ts'

export function deliveryPause(makeStore: MakeInboxStore): void {
  test('a pause survives a reopen, until it is removed', async (t) => {
    const subject = await openInbox(t, makeStore)
    assert.equal(await subject.inbox.deliveryPause(), undefined)
    const pause = { reason: 'maintenance of the CRM', since: subject.clock.now() }
    await subject.inbox.setDeliveryPause(pause)
    assert.deepEqual(await subject.inbox.deliveryPause(), pause)
    await subject.reopen()
    assert.deepEqual(await subject.inbox.deliveryPause(), pause)
    await subject.inbox.setDeliveryPause({ since: 5 })
    assert.deepEqual(await subject.inbox.deliveryPause(), { since: 5 })
    await subject.inbox.setDeliveryPause(undefined)
    await subject.reopen()
    assert.equal(await subject.inbox.deliveryPause(), undefined)
  })

  test('a paused inbox accepts events', async (t) => {
    const { inbox } = await openInbox(t, makeStore)
    await inbox.setDeliveryPause({ since: 1 })
    assert.deepEqual(await inbox.append([newEvent('e1')]), { kind: 'appended', results: ['accepted'] })
  })
}
