import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOperatorPause } from '../../src/deliver/operator-pause.ts'
import type { DeliveryPause, Nodes } from '../../src/inbox/inbox.ts'
import { until } from '../helpers/wait.ts'

/** An inbox whose pause another node can change, and whose answers the test can hold back. */
function sharedInbox() {
  let stored: DeliveryPause | undefined
  let failure: Error | undefined
  let answered: Promise<void> = Promise.resolve()
  const listeners: (() => void)[] = []
  const nodes: Pick<Nodes, 'onPause'> = { onPause: (listener) => void listeners.push(listener) }
  return {
    inbox: {
      deliveryPause: async () => {
        if (failure !== undefined) throw failure
        const read = stored
        await answered
        return read
      },
      setDeliveryPause: async (pause: DeliveryPause | undefined) => {
        stored = pause
      },
      nodes: nodes as Nodes,
    },
    setByAnotherNode(pause: DeliveryPause | undefined): void {
      stored = pause
      for (const listener of listeners) listener()
    },
    fail(error: Error | undefined): void {
      failure = error
    },
    holdAnswers(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>()
      answered = promise
      return resolve
    },
  }
}

test('a pause that another node set or ended comes into force here', async () => {
  const shared = sharedInbox()
  let resumed = 0
  const pause = createOperatorPause({ inbox: shared.inbox, now: () => 1, onResumed: () => void resumed++ })
  await pause.load()
  assert.equal(pause.current(), undefined)
  shared.setByAnotherNode({ since: 7, reason: 'change window' })
  await until('delivery is paused', () => pause.current()?.reason === 'change window')
  assert.equal(resumed, 0)
  shared.setByAnotherNode(undefined)
  await until('delivery is resumed', () => resumed === 1)
  assert.equal(pause.current(), undefined)
})

test('a pause that cannot be read stays as it was until the next signal', async () => {
  const shared = sharedInbox()
  const pause = createOperatorPause({ inbox: shared.inbox, now: () => 1 })
  await pause.pause('mine')
  shared.fail(new Error('no connection'))
  shared.setByAnotherNode(undefined)
  await assert.rejects(pause.load(), /no connection/)
  assert.equal(pause.current()?.reason, 'mine')
  shared.fail(undefined)
  shared.setByAnotherNode(undefined)
  await until('delivery is resumed', () => pause.current() === undefined)
})

test('a read that began before a change of this node does not undo it', async () => {
  const shared = sharedInbox()
  const pause = createOperatorPause({ inbox: shared.inbox, now: () => 1 })
  const answer = shared.holdAnswers()
  shared.setByAnotherNode(undefined)
  const changed = pause.pause('mine')
  answer()
  await changed
  assert.equal(pause.current()?.reason, 'mine')
})
