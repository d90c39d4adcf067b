import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../helpers/wait.ts'
import { body, take } from './harness.ts'

test('a stop ends long polls at once, and is idempotent', async (t) => {
  const { queue, source, status, problems } = await take(t, { polls: 2, queue: { maxReceiveCount: 3 } })
  await until('both polls are under way', () => queue.receiving() === 2)
  await Promise.all([source.stop(60_000), source.stop(60_000)])
  assert.equal(status().receiving, 0)
  await until('the queue has no client', () => queue.receiving() === 0)
  source.start()
  assert.equal(status().receiving, 0, 'a stopped source does not start again')
  assert.deepEqual(problems(), [])
  assert.equal(status().failure, undefined)
})

test('messages that were stored before the stop are deleted within the grace', async (t) => {
  const { queue, source, totals, status } = await take(t, {
    faults: [{ action: 'DeleteMessageBatch', error: { type: 'InternalFailure', status: 500 } }],
  })
  queue.send(body(1))
  await until('the first deletion has failed', () => status().failures.sqs_unavailable === 1)
  await source.stop(10_000)
  assert.equal(totals.accepted, 1)
  assert.equal(queue.all().length, 0)
})

test('a deletion that does not answer ends with the grace', async (t) => {
  const { queue, source, totals, log } = await take(t, {
    faults: [{ action: 'DeleteMessageBatch', delayMs: 3_600_000 }],
  })
  queue.send(body(1))
  await until('the deletion is under way', () => queue.calls('DeleteMessageBatch').length === 1)
  await source.stop(20)
  assert.equal(totals.accepted, 1)
  assert.equal(queue.all().length, 1)
  assert.ok(log.text().includes('messages not deleted, SQS sends them again'))
})

test('a stop before the start releases the client', async (t) => {
  const { source } = await take(t)
  await source.stop(0)
  await source.stop(0)
})
