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

test('the same problem is logged once a minute, with how often it came', () => {
  const clock = manualClock()
  const log = captureLog()
  const rejections = createRejections({ log: log.logger, now: clock.now })
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
  assert.equal(rejections.count, 4)
})

test('a message of any form is counted', () => {
  const log = captureLog()
  const rejections = createRejections({ log: log.logger, now: () => 0 })
  const problems = [{ path: '', message: 'must be an object' }]
  for (const item of [null, 5, [], {}, { topicName: 5, eventBody: 'x' }, { topicName: 'x'.repeat(1_000) }])
    rejections.note([item], [{ index: 0, problems }])
  assert.equal(rejections.count, 6)
  assert.equal(rejections.last?.topic, undefined)
})
