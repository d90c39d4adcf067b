import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Intake } from '../../src/ingest/intake.ts'
import { createStoreMessages } from '../../src/sqs/store-messages.ts'
import { captureLog } from '../helpers/log.ts'
import { body, message } from './harness.ts'

const stored = {
  kind: 'stored',
  accepted: 1,
  duplicates: 0,
  ignored: 0,
  rejected: [],
  identities: [],
} as const

function storing(accept: Intake, isFifo = false) {
  const log = captureLog()
  return { log, store: createStoreMessages({ accept, maxBatch: 500, isFifo, log: log.logger }) }
}

test('an unexpected error rejects only its message, and the log names it without its text', async () => {
  const { store, log } = storing(async (items) => {
    if (JSON.stringify(items).includes('conversation-1')) throw new Error('bug with +13175550100')
    return stored
  })
  const outcomes = await store([message(1), message(2)])
  assert.deepEqual(
    outcomes.map((outcome) => [outcome.message.id, outcome.kind]),
    [
      ['message-1', 'rejected'],
      ['message-2', 'stored'],
    ],
  )
  const [line] = log.entries().filter(({ msg }) => msg === 'message not read or stored')
  assert.deepEqual([line?.code, line?.messageId], ['internal_error', 'message-1'])
  assert.doesNotMatch(log.text(), /13175550100/)
})

test('each message is passed with its own id, and its events as items', async () => {
  const calls: (readonly [string | undefined, number])[] = []
  const { store } = storing(async (items, delivery) => {
    calls.push([delivery?.webhookId, items.length])
    return stored
  })
  await store([
    message(1),
    message(2, { body: `[${body(2)},${body(3)}]` }),
    message(3, { body: `${body(4)}\n${body(5)}` }),
  ])
  assert.deepEqual(calls, [
    ['message-1', 1],
    ['message-2', 2],
    ['message-3', 2],
  ])
})

test('in a FIFO queue, the groups do not wait for each other', async () => {
  let release = () => {}
  const blocked = new Promise<void>((resolve) => {
    release = resolve
  })
  const seen: string[] = []
  const { store } = storing(async (_items, delivery) => {
    seen.push(delivery?.webhookId ?? '')
    if (delivery?.webhookId === 'message-1') await blocked
    return stored
  }, true)
  const done = store([
    message(1, { groupId: 'a' }),
    message(2, { groupId: 'a' }),
    message(3, { groupId: 'b' }),
    message(4, { groupId: 'b' }),
  ])
  while (!seen.includes('message-4')) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(!seen.includes('message-2'))
  release()
  await done
  assert.deepEqual(seen, ['message-1', 'message-3', 'message-4', 'message-2'])
})
