import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallFailure, CallResult, Queue, QueueQuery } from '../../src/genesys/notifications.ts'
import {
  channelsFor,
  findQueues,
  isConversationTopic,
  maxTopics,
  maxTopicsPerChannel,
  planChannels,
  queueTopic,
} from '../../src/notifications/topics.ts'

const topics = (count: number) =>
  Array.from({ length: count }, (_, index) => `v2.users.u${index}.conversations`)

test('topics are split into the fewest channels, each topic once', () => {
  for (const count of [0, 1, 999, 1_000, 1_001, maxTopics]) {
    const plan = planChannels(topics(count))
    assert.equal(plan.length, channelsFor(count))
    assert.deepEqual(plan.flat(), topics(count))
    assert.ok(plan.every((some) => some.length <= maxTopicsPerChannel))
  }
  assert.deepEqual(planChannels(['a', 'b', 'a']), [['a', 'b']])
})

test('topics keep the letter case of the configuration', () => {
  const topic = 'v2.users.U1.conversations.cobrowseSessions'
  assert.deepEqual(planChannels([topic]), [[topic]])
})

test('the channels of all topics leave one of 20 free for renewals', () => {
  assert.equal(channelsFor(maxTopics), 19)
})

for (const [topic, understood] of [
  [queueTopic('q1'), true],
  ['v2.users.u1.conversations', true],
  ['v2.users.u1.conversations.calls', true],
  ['v2.users.u1.conversations.cobrowseSessions', true],
  ['V2.Routing.Queues.Q1.Conversations.InternalMessages', true],
  ['v2.detail.events.conversation.c1.customer.start', true],
  ['v2.detail.events.conversation.C1.Customer.Start', true],
  ['v2.detail.events.conversation.{id}.customer.start', false],
  ['v2.users.u1.presence', false],
  ['v2.users.u1?conversations&presence', false],
  ['v2.users.u 1.conversations', false],
  ['', false],
] as const) {
  test(`${topic || 'no topic'} is ${understood ? 'understood' : 'not understood'}`, () => {
    assert.equal(isConversationTopic(topic), understood)
  })
}

const id = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`
const failed = (why: CallFailure['why']): CallFailure => ({ kind: 'failed', why, cause: `it was ${why}` })

/** Answers with the matching queues, unless the test gives another answer. */
function org(queues: readonly Queue[], answers: CallResult<readonly Queue[]>[] = []) {
  const asked: QueueQuery[] = []
  const failures: CallFailure[] = []
  return {
    asked,
    failures,
    findQueues: async (query: QueueQuery): Promise<CallResult<readonly Queue[]>> => {
      asked.push(query)
      const fits = (queue: Queue) =>
        'name' in query
          ? queue.name.toLowerCase().includes(query.name.toLowerCase())
          : query.ids.includes(queue.id)
      return answers.shift() ?? { kind: 'ok', value: queues.filter(fits) }
    },
    retry: async (failure: CallFailure) => {
      failures.push(failure)
      return true
    },
  }
}

test('ids are requested a hundred at a time, names one by one', async () => {
  const queues = Array.from({ length: 150 }, (_, index) => ({ id: id(index), name: `Queue ${index}` }))
  const deps = org(queues)
  const { ids, problems } = await findQueues(['Queue 7', ...queues.map((queue) => queue.id)], deps)
  assert.deepEqual(problems, [])
  assert.deepEqual(ids, [...queues.map((queue) => queue.id), id(7)])
  assert.equal(deps.asked.length, 3)
})

test('an exact name wins over names that contain it, and two names that differ only in case are ambiguous', async () => {
  const deps = org([
    { id: 'a', name: 'Sales East' },
    { id: 'b', name: 'Sales' },
    { id: 'c', name: 'sales' },
    { id: 'd', name: 'BILLING' },
  ])
  const { ids, problems } = await findQueues(['Sales', 'billing', 'SALES'], deps)
  assert.deepEqual(ids, ['b', 'd'])
  assert.deepEqual(
    problems.map(({ subject }) => subject),
    ['SALES'],
  )
})

test('a name that too many queues contain must be configured as an id', async () => {
  const deps = org(Array.from({ length: 100 }, (_, index) => ({ id: id(index), name: `A ${index}` })))
  const { problems } = await findQueues(['A'], deps)
  assert.match(problems[0]?.detail ?? '', /give its id/)
})

test('a temporary failure is retried, and a permanent one is reported', async () => {
  const deps = org([{ id: 'b', name: 'Sales' }], [failed('unavailable'), failed('rate_limited')])
  assert.deepEqual((await findQueues(['Sales'], deps)).ids, ['b'])
  assert.deepEqual(
    deps.failures.map(({ why }) => why),
    ['unavailable', 'rate_limited'],
  )
  const refused = org([], [failed('forbidden'), failed('forbidden')])
  const { ids, problems } = await findQueues(['Sales', id(1)], refused)
  assert.deepEqual(ids, [id(1)], 'a configured id needs no lookup')
  assert.deepEqual(problems, [{ code: 'queue_not_found', subject: 'Sales', detail: 'it was forbidden' }])
})

test('an aborted lookup returns the queues found so far', async () => {
  const deps = { ...org([], [failed('unavailable')]), retry: async () => false }
  assert.deepEqual((await findQueues(['Sales'], deps)).ids, [])
})
