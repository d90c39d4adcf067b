import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Inbox } from '../../src/inbox/inbox.ts'
import { createRetention, type Retention } from '../../src/inbox/retention.ts'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import { eventOf } from '../helpers/conversation-events.ts'
import { manualClock, until } from '../simulator/harness.ts'
import { inboxFile } from './sqlite/harness.ts'

const eventMaxAgeMs = 100_000
const retentionMs = 300_000
/** A tenth of the shorter of the two ages. */
const intervalMs = 10_000

/** A retention on mocked timers, which `advance` advances, and its inbox. */
async function setUp(t: TestContext, change: (inbox: Inbox) => Inbox = (inbox) => inbox) {
  let opened: Inbox | undefined
  let started: Retention | undefined
  t.after(async () => {
    await started?.stop()
    await opened?.close()
  })
  const clock = manualClock()
  opened = openSqliteInbox({ file: await inboxFile(t), maxPending: 10_000, now: clock.now })
  const inbox = change(opened)
  const expired: number[] = []
  const failures: unknown[] = []
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const retention = createRetention({
    inbox,
    eventMaxAgeMs,
    retentionMs,
    now: clock.now,
    onExpired: (count) => expired.push(count),
    onFailure: (error) => failures.push(error),
  })
  started = retention
  return { inbox, clock, expired, failures, retention, advance: () => t.mock.timers.tick(intervalMs) }
}

test('events that are too old become dead letters, and are deleted after the retention', async (t) => {
  const calls: string[] = []
  const { inbox, clock, expired, retention, advance } = await setUp(t, (inbox) => ({
    ...inbox,
    prune: async (request) => {
      const rows = await inbox.prune(request)
      calls.push(`pruned ${rows}`)
      return rows
    },
  }))
  await inbox.append([eventOf(1), eventOf(2)])
  clock.advance(eventMaxAgeMs)
  await inbox.append([eventOf(3)])
  retention.start()
  advance()
  await until(() => calls.length === 1)
  assert.deepEqual(expired, []) // exactly as old as allowed
  clock.advance(1)
  advance()
  await until(() => calls.length === 2)
  assert.deepEqual(expired, [2])
  assert.deepEqual(
    (await inbox.deadLetters({ limit: 10 })).map(({ identity, code }) => [identity, code]),
    [
      ['event-1', 'expired'],
      ['event-2', 'expired'],
    ],
  )
  clock.advance(retentionMs + 1)
  advance()
  await until(() => calls.length === 3)
  assert.deepEqual(calls, ['pruned 0', 'pruned 0', 'pruned 2'])
  assert.deepEqual(expired, [2, 1])
})

test('one run expires a backlog in several steps', async (t) => {
  const steps: number[] = []
  const { inbox, clock, expired, retention, advance } = await setUp(t, (inbox) => ({
    ...inbox,
    expire: async (request) => {
      steps.push(request.limit)
      return inbox.expire(request)
    },
  }))
  await inbox.append(Array.from({ length: 1_200 }, (_, n) => eventOf(n)))
  clock.advance(eventMaxAgeMs + 1)
  retention.start()
  advance()
  await until(() => expired.reduce((sum, count) => sum + count, 0) === 1_200)
  assert.deepEqual(expired, [500, 500, 200])
  assert.deepEqual(steps, [500, 500, 500])
})

test('a failure is reported, and the next run tries again', async (t) => {
  let broken = true
  const { inbox, clock, expired, failures, retention, advance } = await setUp(t, (inbox) => ({
    ...inbox,
    expire: async (request) => {
      if (broken) throw new Error('disk')
      return inbox.expire(request)
    },
  }))
  await inbox.append([eventOf(1)])
  clock.advance(eventMaxAgeMs + 1)
  retention.start()
  advance()
  await until(() => failures.length === 1)
  broken = false
  advance()
  await until(() => expired.length === 1)
  assert.equal(failures.length, 1)
})

test('stop waits for the current run and prevents the next one; start and stop are idempotent', async (t) => {
  let runs = 0
  const underWay = Promise.withResolvers<void>()
  const { retention, advance } = await setUp(t, (inbox) => ({
    ...inbox,
    expire: async () => {
      runs += 1
      await underWay.promise
      return 0
    },
  }))
  retention.start()
  retention.start()
  advance()
  await until(() => runs === 1)
  const timers = t.mock.method(globalThis, 'setTimeout').mock
  let stopped = false
  const stopping = Promise.all([retention.stop(), retention.stop()]).then(() => {
    stopped = true
  })
  await new Promise(setImmediate)
  assert.equal(stopped, false)
  underWay.resolve()
  await stopping
  retention.start()
  advance()
  await new Promise(setImmediate)
  assert.deepEqual([runs, timers.callCount()], [1, 0])
})

test('stop before start prevents all runs', async (t) => {
  let runs = 0
  const { retention, advance } = await setUp(t, (inbox) => ({
    ...inbox,
    expire: async () => {
      runs += 1
      return 0
    },
  }))
  await retention.stop()
  retention.start()
  advance()
  await new Promise(setImmediate)
  assert.equal(runs, 0)
})
