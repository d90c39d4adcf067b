import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createQueueState } from '../../src/sqs/status.ts'
import { until } from '../helpers/wait.ts'
import { body, take } from './harness.ts'

const receives = { action: 'ReceiveMessage' } as const

const failures = [
  ['AccessDenied', 403, 'sqs_access_denied'],
  ['QueueDoesNotExist', 400, 'sqs_queue_not_found'],
  ['InvalidClientTokenId', 403, 'sqs_credentials_refused'],
  ['ThrottlingException', 400, 'sqs_unavailable'],
  ['InternalFailure', 500, 'sqs_unavailable'],
] as const

for (const [type, httpStatus, code] of failures) {
  test(`a receive that fails with ${type} shows ${code} until one succeeds`, async (t) => {
    const { queue, status, failing, empty, healthy, log } = await take(t, {
      faults: [{ ...receives, times: 1_000, error: { type, status: httpStatus } }],
    })
    queue.send(body(1))
    await failing(code)
    assert.equal(status().failure?.cause, `ReceiveMessage: ${type}`)
    await until('it was tried again', () => status().failures[code] >= 3)
    queue.clearFaults()
    await empty()
    await healthy()
    const lines = log.entries().filter(({ msg }) => msg === 'queue call failed')
    assert.deepEqual(
      lines.map((line) => ({ code: line.code, call: line.call, cause: line.cause })),
      [{ code, call: 'ReceiveMessage', cause: type }],
      'one line for many failures of a kind',
    )
    assert.ok(log.text().includes('queue call succeeded again'))
    assert.doesNotMatch(log.text(), /arn:/)
  })
}

test('without credentials the failure says so', async (t) => {
  const { failing, status } = await take(t, {
    aws: {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SHARED_CREDENTIALS_FILE: '/no/such/file',
      AWS_CONFIG_FILE: '/no/such/file',
    },
  })
  await failing('sqs_credentials_refused')
  assert.equal(status().failure?.cause, 'ReceiveMessage: CredentialsProviderError')
})

test('a lost connection is retried, and the messages of a lost answer come again', async (t) => {
  const { queue, status, empty } = await take(t, {
    faults: [
      { ...receives, reset: 'before' },
      { ...receives, reset: 'after' },
    ],
  })
  queue.send(body(1))
  await until('the answer is lost', () => queue.calls('ReceiveMessage').length >= 3)
  assert.equal(queue.inFlight().length, 1)
  queue.lapse()
  await empty()
  assert.equal(status().failures.sqs_unavailable, 2)
  assert.equal(status().results.accepted, 1)
})

test('a message that was changed on the way is not stored', async (t) => {
  const { queue, failing, totals, empty } = await take(t, { faults: [{ ...receives, corrupt: true }] })
  queue.send(body(1))
  await until('it was received', () => queue.inFlight().length === 1)
  await failing('sqs_unavailable')
  assert.equal(totals.accepted, 0)
  queue.lapse()
  await empty()
  assert.equal(totals.accepted, 1)
})

test('the entries of a deletion that failed are deleted by another call', async (t) => {
  const { queue, status, empty, healthy } = await take(t, {
    faults: [
      { action: 'DeleteMessageBatch', times: 2, failFirst: { code: 'InternalError', senderFault: false } },
    ],
    prepare: (queue) => {
      for (let index = 0; index < 3; index += 1) queue.send(body(index))
    },
  })
  await empty()
  assert.deepEqual(
    queue.calls('DeleteMessageBatch').map(({ entries }) => entries.length),
    [3, 1, 1],
  )
  await until('all deletions are counted', () => status().deleted === 3)
  await healthy()
  assert.equal(status().failures.sqs_unavailable, 2)
})

test('a deletion that SQS refuses for good is not repeated, and is logged', async (t) => {
  const { queue, status, problems } = await take(t, {
    queue: { maxReceiveCount: 100 },
    faults: [
      { action: 'DeleteMessageBatch', failFirst: { code: 'ReceiptHandleIsInvalid', senderFault: true } },
    ],
  })
  queue.send(body(1))
  await until('it is logged', () => problems().length === 2)
  assert.deepEqual(problems(), [
    'queue call failed (sqs_unavailable)',
    'stored messages not deleted, SQS sends them again (sqs_unavailable)',
  ])
  queue.lapse()
  await until('the message is deleted when it comes again', () => queue.all().length === 0)
  assert.deepEqual(
    queue.calls('DeleteMessageBatch').map(({ entries }) => entries.length),
    [1, 1],
  )
  assert.deepEqual(status().results, { accepted: 1, duplicate: 1, ignored: 0, rejected: 0 })
})

test('without the permission to delete, the messages stay, and the failure names the call', async (t) => {
  const { queue, failing, status, totals, problems } = await take(t, {
    queue: { maxReceiveCount: 100 },
    faults: [{ action: 'DeleteMessageBatch', times: 1_000, error: { type: 'AccessDenied', status: 403 } }],
  })
  queue.send(body(1))
  await failing('sqs_access_denied')
  assert.equal(status().failure?.cause, 'DeleteMessageBatch: AccessDenied')
  await until('the deletion was given up', () => problems().length === 2)
  assert.deepEqual(problems(), [
    'queue call failed (sqs_access_denied)',
    'stored messages not deleted, SQS sends them again (sqs_access_denied)',
  ])
  assert.equal(totals.accepted, 1)
  queue.clearFaults()
  queue.lapse()
  await until('the message is deleted when it comes again', () => queue.all().length === 0)
  assert.equal(totals.accepted, 1)
})

test('after lost answers of deletions, the failure ends by itself when the messages would have come again', async (t) => {
  let aheadMs = 0
  const { queue, status, empty, failing, healthy, problems, log } = await take(t, {
    timing: { waitSeconds: 1 },
    visibilitySeconds: 60,
    now: () => Date.now() + aheadMs,
    faults: [{ action: 'DeleteMessageBatch', times: 4, reset: 'after' }],
  })
  queue.send(body(1))
  await empty()
  await until('the deletion was given up', () => problems().length === 2)
  await failing('sqs_unavailable')
  const receivesBefore = status().lastReceiveAt
  await until('a later receive succeeded', () => status().lastReceiveAt !== receivesBefore)
  assert.equal(status().failure?.code, 'sqs_unavailable', 'the messages can still come again')
  aheadMs = 121_000
  await healthy()
  assert.ok(log.text().includes('messages not deleted did not come again'))
})

test('a failure of a deletion that goes on stays', () => {
  let nowMs = 0
  const state = createQueueState({ now: () => nowMs, visibilitySeconds: 60 })
  const failure = { code: 'sqs_access_denied', cause: 'AccessDenied' } as const
  for (const at of [0, 60_000, 120_000, 180_000]) {
    nowMs = at
    assert.equal(state.endOldDeletionFailure(), false)
    state.failed('DeleteMessageBatch', failure)
  }
  nowMs = 299_999
  assert.equal(state.endOldDeletionFailure(), false)
  nowMs = 300_000
  state.failed('ReceiveMessage', failure)
  assert.equal(state.endOldDeletionFailure(), true)
  assert.equal(state.status().failure?.cause, 'ReceiveMessage: AccessDenied')
})
