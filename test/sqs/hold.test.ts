import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import type { AppendResult, Inbox } from '../../src/inbox/inbox.ts'
import { until } from '../helpers/wait.ts'
import { body, take } from './harness.ts'

/** An inbox that takes nothing while `refusing` is true. */
function refusable(refusal: () => Promise<AppendResult> = async () => ({ kind: 'full', pending: 1 })) {
  const control = { refusing: true, attempts: 0 }
  const wrapInbox = (inbox: Inbox): Inbox => ({
    ...inbox,
    append: (events) => {
      control.attempts += 1
      return control.refusing ? refusal() : inbox.append(events)
    },
  })
  return { control, wrapInbox }
}

test('while the inbox is full, messages are held, and no more are received', async (t) => {
  const { control, wrapInbox } = refusable()
  const { queue, status, failing, empty, healthy, problems, log } = await take(t, {
    wrapInbox,
    polls: 2,
    queue: { maxReceiveCount: 2 },
    prepare: (queue) => {
      for (let index = 0; index < 50; index += 1) queue.send(body(index))
    },
  })
  await failing('inbox_full')
  await until('several attempts failed', () => control.attempts > 100)
  assert.ok(status().held > 0 && status().held <= 20, `${status().held} held`)
  assert.equal(queue.inFlight().length, status().held)
  assert.ok(queue.calls('ReceiveMessage').length <= 2)
  assert.equal(queue.receiving(), 0)
  assert.equal(queue.calls('DeleteMessageBatch').length, 0)
  assert.equal(status().failure?.cause, 'messages wait for the inbox')
  assert.ok(status().oldestMessageMs > 0)

  control.refusing = false
  await empty()
  await healthy()
  assert.equal(status().held, 0)
  assert.equal(status().results.accepted, 50)
  assert.equal(queue.deadLetters().length, 0, 'waiting counts as one receive')
  assert.deepEqual(problems(), ['messages not stored, holding them (inbox_full)'])
  assert.equal(log.entries().filter(({ msg }) => msg === 'messages stored again').length, 1)
})

test('a poll without messages receives none while another one holds some', async (t) => {
  const { control, wrapInbox } = refusable()
  const { queue, failing, empty } = await take(t, { wrapInbox, polls: 2, timing: { waitSeconds: 0 } })
  const receives = () => queue.calls('ReceiveMessage').length
  queue.send(body(1))
  await failing('inbox_full')
  await until('the receive under way has ended', () => queue.receiving() === 0)
  const before = receives()
  const attempts = control.attempts
  await until('more attempts were made', () => control.attempts > attempts + 6)
  assert.ok(receives() <= before + 1, `${receives() - before} more receives`)
  control.refusing = false
  await empty()
})

test('the visibility of held messages is extended before it ends', async (t) => {
  const clock = { ms: 0 }
  const { control, wrapInbox } = refusable()
  const { queue, failing, empty } = await take(t, {
    wrapInbox,
    visibilitySeconds: 60,
    monotonic: () => clock.ms,
    prepare: (queue) => {
      for (let index = 0; index < 3; index += 1) queue.send(body(index))
    },
  })
  const extensions = () => queue.calls('ChangeMessageVisibilityBatch')
  await failing('inbox_full')
  clock.ms = 29_999
  const before = control.attempts
  await until('more attempts were made', () => control.attempts > before + 6)
  assert.equal(extensions().length, 0)
  clock.ms = 30_000
  await until('the visibility was extended', () => extensions().length === 1)
  assert.deepEqual(
    extensions()[0]?.entries.map(({ VisibilityTimeout }) => VisibilityTimeout),
    [60, 60, 60],
  )
  const then = control.attempts
  await until('more attempts were made', () => control.attempts > then + 6)
  assert.equal(extensions().length, 1)
  clock.ms = 60_000
  await until('it was extended again', () => extensions().length === 2)
  control.refusing = false
  await empty()
})

test('a failed extension is counted and logged, and no failure once the messages are stored', async (t) => {
  const { control, wrapInbox } = refusable()
  const clock = { ms: 0 }
  const { queue, status, failing, empty, healthy, problems } = await take(t, {
    wrapInbox,
    queue: { maxReceiveCount: 3 },
    monotonic: () => clock.ms,
    faults: [
      {
        action: 'ChangeMessageVisibilityBatch',
        failFirst: { code: 'MessageNotInflight', senderFault: true },
      },
      { action: 'ChangeMessageVisibilityBatch', error: { type: 'AccessDenied', status: 403 } },
    ],
  })
  queue.send(body(1))
  await failing('inbox_full')
  clock.ms = 30_000
  await until('an entry of the first failed', () => status().failures.sqs_unavailable === 1)
  clock.ms = 60_000
  await until('the second extension failed', () => status().failures.sqs_access_denied === 1)
  await until('it is repeated at once', () => queue.calls('ChangeMessageVisibilityBatch').length === 3)
  control.refusing = false
  await empty()
  await healthy()
  assert.deepEqual(problems(), [
    'messages not stored, holding them (inbox_full)',
    'queue call failed (sqs_unavailable)',
    'queue call failed (sqs_access_denied)',
  ])
})

test('while the inbox cannot be written, messages are held', async (t) => {
  const { control, wrapInbox } = refusable(() =>
    Promise.reject(new Database.SqliteError('disk I/O error +13175550100', 'SQLITE_IOERR')),
  )
  const { queue, failing, empty, healthy, log } = await take(t, { wrapInbox })
  queue.send(body(1))
  await failing('store_unavailable')
  control.refusing = false
  await empty()
  await healthy()
  const [line] = log.entries().filter(({ msg }) => msg === 'messages not stored, holding them')
  assert.equal(line?.code, 'store_unavailable')
  assert.doesNotMatch(log.text(), /13175550100/)
})

test('of a batch, only the messages that the inbox refuses are held', async (t) => {
  let full = true
  const { queue, status, failing, empty } = await take(t, {
    wrapInbox: (inbox) => ({
      ...inbox,
      append: async (events) =>
        full && events.some(({ event }) => event.conversationId === 'conversation-2')
          ? { kind: 'full', pending: 1 }
          : inbox.append(events),
    }),
    prepare: (queue) => {
      for (let index = 0; index < 5; index += 1) queue.send(body(index))
    },
  })
  await failing('inbox_full')
  await until('the others are deleted', () => queue.all().length === 1)
  assert.equal(status().held, 1)
  full = false
  await empty()
})

test('at the stop, held messages are released at once', async (t) => {
  const { wrapInbox } = refusable()
  const { queue, source, failing, status, log } = await take(t, {
    wrapInbox,
    prepare: (queue) => {
      for (let index = 0; index < 3; index += 1) queue.send(body(index))
    },
  })
  await failing('inbox_full')
  await source.stop(10_000)
  assert.equal(queue.inFlight().length, 0)
  assert.equal(queue.all().length, 3)
  assert.deepEqual([status().receiving, status().held], [0, 0])
  const [line] = log
    .entries()
    .filter(({ msg }) => msg === 'messages not stored, released for another receive')
  assert.equal(line?.count, 3)
})

test('at the stop, a release that fails is logged as such', async (t) => {
  const { wrapInbox } = refusable()
  const { source, failing, problems, log } = await take(t, {
    wrapInbox,
    queue: { maxReceiveCount: 100 },
    faults: [{ action: 'ChangeMessageVisibilityBatch', error: { type: 'AccessDenied', status: 403 } }],
    prepare: (queue) => queue.send(body(1)),
  })
  await failing('inbox_full')
  await source.stop(10_000)
  assert.deepEqual(problems().slice(1), [
    'queue call failed (sqs_access_denied)',
    'messages neither stored nor released, SQS sends them again (sqs_access_denied)',
  ])
  assert.doesNotMatch(log.text(), /released for another receive/)
})

/** Like the commits of SQLite: appends of one turn share a commit, and fail together if one of them has a bug. */
function withSharedCommits(inbox: Inbox, faulty: string): Inbox {
  let waiting: { readonly isFaulty: boolean; readonly commit: () => void; readonly fail: () => void }[] = []
  const flush = () => {
    const group = waiting
    waiting = []
    const isFaulty = group.some((append) => append.isFaulty)
    for (const { commit, fail } of group) isFaulty ? fail() : commit()
  }
  return {
    ...inbox,
    append: (events) => {
      const { promise, resolve, reject } = Promise.withResolvers<AppendResult>()
      const isFaulty = events.some(({ event }) => event.conversationId === faulty)
      if (waiting.length === 0) setImmediate(flush)
      const fail = () => reject(new TypeError('bug'))
      waiting.push({ isFaulty, commit: () => resolve(inbox.append(events)), fail })
      return promise
    },
  }
}

test('a message whose append is a bug is rejected; the messages of the same commit are stored', async (t) => {
  const { queue, status, problems } = await take(t, {
    polls: 2,
    queue: { maxReceiveCount: 100 },
    wrapInbox: (inbox) => withSharedCommits(inbox, 'conversation-2'),
    prepare: (queue) => {
      for (let index = 0; index < 5; index += 1) queue.send(body(index))
    },
  })
  await until('the others are deleted', () => queue.all().length === 1)
  await until('it is rejected', () => status().results.rejected === 1)
  queue.send(body(6))
  await until('later messages are stored', () => status().deleted === 5)
  assert.deepEqual([status().held, status().failure], [0, undefined])
  assert.deepEqual(problems(), [
    'message not read or stored (internal_error)',
    'message rejected (internal_error)',
  ])
})

test('a message with more new events than the inbox may ever have pending is rejected', async (t) => {
  const three = `[${body(1)},${body(2)},${body(3)}]`
  const { queue, status, problems } = await take(t, {
    maxPending: 2,
    queue: { maxReceiveCount: 100 },
    prepare: (queue) => queue.send(three),
  })
  await until('it is rejected', () => status().results.rejected === 1)
  queue.send(body(4))
  await until('later messages are stored', () => status().results.accepted === 1)
  assert.equal(status().held, 0)
  assert.deepEqual(problems(), ['message rejected (batch_too_large)'])
})
