import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRejections } from '../../src/notifications/rejections.ts'
import { captureLog } from '../helpers/log.ts'
import { manualClock } from '../simulator/harness.ts'
import { listen, snapshot, userTopic } from './harness.ts'

test('one unreadable participant is logged with its path, counted, and the others are stored', async (t) => {
  const { simulator, connected, accepted, status, log } = await listen(t, { topics: [userTopic] })
  await connected()
  const message = snapshot(1, userTopic)
  const hush = { id: 'hush/1', purpose: 'customer', address: 'hush' }
  const participants = [...message.eventBody.participants, hush, null]
  simulator.notify({ ...message, eventBody: { ...message.eventBody, participants } })
  await accepted(1)
  const { rejected, lastRejected } = status()
  assert.equal(rejected, 2)
  assert.deepEqual([lastRejected?.topic, lastRejected?.path], [userTopic, 'eventBody.participants.2'])
  const [line, other] = log.entries().filter(({ msg }) => msg === 'notification rejected')
  assert.deepEqual(
    [line?.level, line?.code, line?.topic, line?.conversationId, line?.count],
    ['warn', 'invalid_event', userTopic, 'conversation-1', 1],
  )
  const pathsOf = (problems: unknown) => (problems as { path: string }[]).map(({ path }) => path)
  assert.deepEqual(pathsOf(line?.problems), ['eventBody.participants.1.id'])
  assert.deepEqual(pathsOf(other?.problems), ['eventBody.participants.2'])
  assert.doesNotMatch(log.text(), /hush/)
})

test('the same problem is logged once per minute with its count', () => {
  const clock = manualClock()
  const log = captureLog()
  const rejections = createRejections({ log: log.logger, now: () => 0, monotonic: clock.now })
  const reject = (topicName: unknown, path = 'eventBody.id') =>
    rejections.note([{ topicName }], [{ index: 0, problems: [{ path, message: 'must be an id' }] }])
  const counts = () => log.entries().map(({ count }) => count)
  reject('v2.users.0a1b2c3d-0000-4000-8000-00000000000a.conversations')
  reject('v2.users.0a1b2c3d-0000-4000-8000-00000000000b.conversations')
  assert.deepEqual(counts(), [1])
  reject('v2.users.0a1b2c3d-0000-4000-8000-00000000000a.conversations', 'eventBody')
  assert.deepEqual(counts(), [1, 1])
  clock.advance(60_000)
  reject('v2.users.0a1b2c3d-0000-4000-8000-00000000000a.conversations')
  assert.deepEqual(counts(), [1, 1, 2])
  assert.equal(rejections.state().count, 4)
})

for (const [what, topics, paths, lines] of [
  ['ids that are not UUIDs', ['v2.users.u1.conversations', 'v2.users.u2.conversations'], ['eventBody.id'], 1],
  [
    'topics in another letter case',
    ['v2.users.u1.conversations.calls', 'v2.users.u1.conversations.Calls'],
    ['eventBody.id'],
    1,
  ],
  [
    'participants at other positions',
    ['v2.users.u1.conversations'],
    ['eventBody.participants.1.id', 'eventBody.participants.12.id'],
    1,
  ],
  ['other media', ['v2.users.u1.conversations.calls', 'v2.users.u1.conversations.chats'], ['eventBody'], 2],
] as const) {
  test(`${what}: ${lines === 1 ? 'the same problem, logged once' : 'another problem'}`, () => {
    const log = captureLog()
    const rejections = createRejections({ log: log.logger, now: () => 0, monotonic: () => 0 })
    for (const topicName of topics)
      for (const path of paths)
        rejections.note([{ topicName }], [{ index: 0, problems: [{ path, message: 'must be an id' }] }])
    assert.equal(log.entries().length, lines)
  })
}

// The minute used to be measured with the wall clock: setting it back by a day silenced the log for that day.
test('regression: a wall clock that is set back does not silence the log', () => {
  const clock = manualClock()
  const dayMs = 86_400_000
  let timeOfDay = 2 * dayMs
  const log = captureLog()
  const rejections = createRejections({ log: log.logger, now: () => timeOfDay, monotonic: clock.now })
  const reject = () => rejections.note([{}], [{ index: 0, problems: [{ path: '', message: 'x' }] }])
  reject()
  timeOfDay -= dayMs
  clock.advance(60_000)
  reject()
  assert.equal(log.entries().length, 2)
  assert.equal(rejections.state().last?.at, dayMs)
})

test('a log line has at most 5 problems', () => {
  const log = captureLog()
  const rejections = createRejections({ log: log.logger, now: () => 0, monotonic: () => 0 })
  const problems = Array.from({ length: 8 }, (_, index) => ({ path: `field${index}`, message: 'x' }))
  rejections.note([{}], [{ index: 0, problems }])
  assert.deepEqual(log.entries()[0]?.problems, problems.slice(0, 5))
})

test('a message of any form is counted', () => {
  const log = captureLog()
  const rejections = createRejections({ log: log.logger, now: () => 0, monotonic: () => 0 })
  const problems = [{ path: '', message: 'must be an object' }]
  for (const item of [null, 5, [], {}, { topicName: 5, eventBody: 'x' }, { topicName: 'x'.repeat(1_000) }])
    rejections.note([item], [{ index: 0, problems }])
  assert.equal(rejections.state().count, 6)
  assert.equal(rejections.state().last?.topic, undefined)
})
