import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../helpers/wait.ts'
import { body, take } from './harness.ts'

const storedIds = async (
  inbox: Awaited<ReturnType<typeof take>>['inbox'],
  conversations: readonly string[],
) => {
  const pages = conversations.map((conversationId) => inbox.events({ conversationId, limit: 100 }))
  return (await Promise.all(pages)).map(({ items }) => items.length)
}

test('messages are stored, then deleted', async (t) => {
  const { queue, inbox, totals, status, empty, problems } = await take(t, { queue: { maxReceiveCount: 3 } })
  for (let index = 0; index < 25; index += 1) queue.send(body(index))
  await empty()
  assert.equal(totals.accepted, 25)
  assert.equal((await inbox.stats()).pending, 25)
  await until('all deletions are counted', () => status().deleted === 25)
  const { received, results, failure, held } = status()
  assert.deepEqual(
    { received, results, failure, held },
    {
      received: 25,
      results: { accepted: 25, duplicate: 0, ignored: 0, rejected: 0 },
      failure: undefined,
      held: 0,
    },
  )
  assert.ok(queue.calls('DeleteMessageBatch').length < 25, 'deleted in batches')
  assert.deepEqual(problems(), [])
})

test('calls are signed for the region of the queue', async (t) => {
  const { queue, empty } = await take(t)
  queue.send(body(1))
  await empty()
  const [call] = queue.calls('ReceiveMessage')
  assert.match(call?.authorization ?? '', /^AWS4-HMAC-SHA256 Credential=test\/\d+\/eu-central-1\/sqs\//)
})

test('duplicates and ignored events are deleted too', async (t) => {
  const { queue, status, empty, totals } = await take(t)
  queue.send(body(1))
  await empty()
  queue.send(body(1))
  queue.send(body(2, { type: 'conversation:updated' }))
  queue.send('[]')
  await empty()
  assert.deepEqual(status().results, { accepted: 1, duplicate: 1, ignored: 2, rejected: 0 })
  assert.deepEqual([totals.accepted, totals.duplicates, totals.ignored], [1, 1, 1])
})

test('an event without an id is identified by the id of its message', async (t) => {
  const { queue, status, empty, inbox } = await take(t, {
    faults: [{ action: 'DeleteMessageBatch', reset: 'before', times: 4 }],
  })
  const text = body(1, { id: undefined })
  queue.send(text)
  await until('the deletion has failed', () => queue.calls('DeleteMessageBatch').length === 4)
  queue.lapse()
  await empty()
  assert.deepEqual(status().results, { accepted: 1, duplicate: 1, ignored: 0, rejected: 0 })
  queue.send(text)
  await empty()
  assert.equal(status().results.accepted, 2, 'the same text in another message is another event')
  assert.deepEqual(await storedIds(inbox, ['conversation-1']), [2])
})

test('an event that SNS put into the queue is taken out of its notification', async (t) => {
  const { queue, status, empty, inbox } = await take(t)
  const notification = { Type: 'Notification', MessageId: 'sns-1', TopicArn: 'arn:aws:sns:eu-central-1:1:t' }
  for (const MessageId of ['sns-1', 'sns-2'])
    queue.send(JSON.stringify({ ...notification, MessageId, Message: body(1, { id: undefined }) }))
  queue.send(JSON.stringify({ ...notification, MessageId: 'sns-1', Message: body(1, { id: undefined }) }))
  await empty()
  const { accepted, duplicate } = status().results
  assert.deepEqual([accepted, duplicate], [2, 1], 'the id of the SNS message identifies the event')
  assert.deepEqual(await storedIds(inbox, ['conversation-1']), [2])
})

test('a message that is not valid stays, is counted, and moves to the dead-letter queue', async (t) => {
  const { queue, status, log, totals } = await take(t, { queue: { maxReceiveCount: 2 } })
  queue.send('{"phone":"+13175550100"')
  const second = queue.send(body(1, { conversationId: 'not an id' }))
  await until('both were rejected', () => status().results.rejected === 2)
  assert.deepEqual(
    queue.all().map(({ receiveCount }) => receiveCount),
    [1, 1],
  )
  queue.lapse()
  await until('both were rejected again', () => status().results.rejected === 4)
  queue.lapse()
  await until('both are dead letters', () => queue.deadLetters().length === 2)
  assert.equal(queue.calls('DeleteMessageBatch').length, 0)
  assert.equal(queue.calls('ChangeMessageVisibilityBatch').length, 0)
  assert.equal(totals.rejected, 2)
  const lines = log.entries().filter(({ msg }) => msg === 'message rejected')
  assert.deepEqual(
    lines.map(({ code, count }) => ({ code, count })),
    [
      { code: 'invalid_json', count: 1 },
      { code: 'invalid_event', count: 1 },
    ],
    'one line for each kind, although each came twice',
  )
  const { at, ...last } = status().lastRejected ?? { at: 0 }
  assert.deepEqual(last, { messageId: second, code: 'invalid_event', path: 'conversationId' })
  assert.ok(at > 0)
  assert.equal(status().failure, undefined, 'a message that is not valid is no failure of the queue')
  assert.doesNotMatch(log.text(), /13175550100|not an id/)
})

test('a message with valid and invalid events is stored, logged and deleted', async (t) => {
  const { queue, status, log, totals, empty } = await take(t)
  queue.send(`[${body(1)},${body(2, { conversationId: 5 })}]`)
  await empty()
  assert.deepEqual(status().results, { accepted: 1, duplicate: 0, ignored: 0, rejected: 0 })
  assert.deepEqual([totals.accepted, totals.rejected], [1, 1])
  const [line] = log.entries().filter(({ msg }) => msg === 'part of a message rejected')
  assert.equal(line?.code, 'invalid_event')
  assert.equal(line?.rejected, 1)
})

test('a message with more events than MAX_BATCH is rejected', async (t) => {
  const { queue, status } = await take(t, { maxBatch: 2 })
  queue.send(`[${body(1)},${body(2)},${body(3)}]`)
  await until('it is rejected', () => status().results.rejected === 1)
  assert.equal(status().lastRejected?.code, 'batch_too_large')
})

test('all messages of a batch are passed to the inbox before its commit', async (t) => {
  const appends: string[] = []
  const { empty } = await take(t, {
    prepare: (queue) => {
      for (let index = 0; index < 10; index += 1) queue.send(body(index))
    },
    wrapInbox: (inbox) => ({
      ...inbox,
      append: async (events) => {
        appends.push('begun')
        const result = await inbox.append(events)
        appends.push('committed')
        return result
      },
    }),
  })
  await empty()
  assert.deepEqual(appends, [...Array(10).fill('begun'), ...Array(10).fill('committed')])
})

test('several receives are under way at once, and no more than configured', async (t) => {
  const { queue, status, empty } = await take(t, { polls: 3 })
  await until('three receives are under way', () => queue.receiving() === 3)
  await until('the status shows them', () => status().receiving === 3)
  for (let index = 0; index < 100; index += 1) queue.send(body(index))
  await empty()
  assert.equal(queue.mostReceiving(), 3)
})

test('the messages of a FIFO group are stored in order, and a refused one is not overtaken', async (t) => {
  const order: string[] = []
  const refused = new Set(['conversation-a2'])
  const { empty } = await take(t, {
    queue: { isFifo: true },
    prepare: (queue) => {
      for (let index = 0; index < 4; index += 1)
        for (const group of ['a', 'b']) queue.send(body(`${group}${index}`), { groupId: group })
    },
    wrapInbox: (inbox) => ({
      ...inbox,
      append: async (events) => {
        const [first] = events
        const id = first?.event.conversationId ?? ''
        if (refused.delete(id)) return { kind: 'full', pending: 1 }
        order.push(id.replace('conversation-', ''))
        return inbox.append(events)
      },
    }),
  })
  await empty()
  const ofGroup = (group: string) => order.filter((name) => name.startsWith(group))
  assert.deepEqual(ofGroup('a'), ['a0', 'a1', 'a2', 'a3'])
  assert.deepEqual(ofGroup('b'), ['b0', 'b1', 'b2', 'b3'])
})

test('a message of a FIFO group that is not valid does not hold up those that were delivered with it', async (t) => {
  const { queue, status, totals } = await take(t, {
    queue: { isFifo: true, maxReceiveCount: 100 },
    prepare: (queue) => {
      for (const text of [body('f1'), 'not JSON', body('f2')]) queue.send(text, { groupId: 'g' })
    },
  })
  await until('both others are deleted', () => status().deleted === 2)
  assert.deepEqual(status().results, { accepted: 2, duplicate: 0, ignored: 0, rejected: 1 })
  assert.deepEqual(
    queue.all().map(({ body }) => body),
    ['not JSON'],
  )
  queue.send(body('f3'), { groupId: 'g' })
  queue.lapse()
  await until('one behind it is stored when it comes again', () => totals.accepted === 3)
})

test('the age of the oldest message comes from the time at which it was sent', async (t) => {
  const { queue, status, empty } = await take(t, {
    prepare: (queue) => {
      queue.send(body(1), { sentAt: Date.now() - 90_000 })
    },
    timing: { waitSeconds: 1 },
  })
  await until('it was received', () => status().received === 1)
  assert.ok(status().oldestMessageMs >= 90_000)
  await empty()
  await until('an empty answer resets the age', () => status().oldestMessageMs === 0)
  assert.equal(queue.all().length, 0)
})

test('a queue without a dead-letter queue is logged at start', async (t) => {
  const { problems } = await take(t)
  await until('it is logged', () => problems().length > 0)
  assert.deepEqual(problems(), ['queue has no dead-letter queue (sqs_no_dead_letter_queue)'])
})

test('without the permission to read its attributes, the queue is polled all the same', async (t) => {
  const { log, status, queue, empty, problems } = await take(t, {
    faults: [{ action: 'GetQueueAttributes', times: 99, error: { type: 'AccessDenied', status: 403 } }],
  })
  queue.send(body(1))
  await empty()
  await until('it is logged', () => log.text().includes('dead-letter queue not checked'))
  assert.equal(status().failure, undefined)
  assert.deepEqual(problems(), [])
})
