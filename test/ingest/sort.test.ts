import assert from 'node:assert/strict'
import { test } from 'node:test'
import { priorities } from '../../src/inbox/inbox.ts'
import { sort } from '../../src/ingest/sort.ts'
import { canonicalItem } from '../helpers/events.ts'
import { fixture } from '../helpers/fixtures.ts'
import { rulesOf } from '../helpers/rules.ts'

const rules = rulesOf(`
version: 1
rules:
  - { name: urgent, on: customer.start, priority: high, set: { a: b } }
  - { name: created, on: [conversation:created], set: { a: b } }
  - { name: wrap-up, on: [wrapup], priority: low, set: { a: b } }
  - { name: snapshots, on: [routing.queues.conversations], set: { a: b } }
`)
const sorted = (...items: unknown[]) => sort(items, { rules, webhookId: undefined })

test('items go where they belong, and the rejected keep their place in the request', () => {
  const result = sorted(
    fixture('notification-heartbeat'),
    canonicalItem({ id: 'e-1' }),
    { type: 'conversation:created' },
    canonicalItem({ type: 'conversation:updated' }),
    'text',
  )
  assert.deepEqual(
    result.events.map(({ event }) => event.identity),
    ['id:e-1'],
  )
  assert.equal(result.ignored, 2)
  assert.deepEqual(result.rejected, [
    {
      index: 2,
      problems: [
        { path: 'conversationId', message: 'must be 1 to 128 characters of A-Z a-z 0-9 _ -, but is missing' },
      ],
    },
    { index: 4, problems: [{ path: '', message: 'must be an object, but is text' }] },
  ])
})

test('an event is taken for its topic or its type, with the highest priority of the rules that listen', () => {
  const priorityOf = (item: unknown) => sorted(item).events[0]?.priority
  assert.equal(priorityOf(fixture('eventbridge-customer-start-chat')), priorities.high)
  assert.equal(priorityOf(canonicalItem()), priorities.normal)
  assert.equal(priorityOf(canonicalItem({ type: 'conversation:updated', topic: 'wrapup' })), priorities.low)
})

test('each participant of a snapshot counts for itself', () => {
  assert.equal(sorted(fixture('notification-queue-conversation')).events.length, 2)
  const nobodyListens = sort([fixture('notification-queue-conversation')], {
    rules: rulesOf('version: 1\nrules: []\n'),
    webhookId: undefined,
  })
  assert.equal(nobodyListens.ignored, 2)
  assert.deepEqual(nobodyListens.events, [])
})

test('the same body at two places of one signed delivery is two events, sent again it is the same two', () => {
  const identities = () =>
    sort([canonicalItem(), canonicalItem()], { rules, webhookId: 'w-1' }).events.map(
      ({ event }) => event.identity,
    )
  assert.equal(new Set(identities()).size, 2)
  assert.deepEqual(identities(), identities())
})

test('a conversation is known to have ended though no rule listens to the event that says so', () => {
  const queue = fixture('notification-queue-conversation') as {
    eventBody: { id: string; participants: { purpose: string; endTime?: string }[] }
  }
  assert.deepEqual(sorted(fixture('eventbridge-customer-start-chat'), queue).ended, [])

  const left = structuredClone(queue)
  for (const participant of left.eventBody.participants) {
    if (participant.purpose === 'customer') participant.endTime = '2026-01-05T09:10:00Z'
  }
  const end = fixture('eventbridge-customer-end-chat') as {
    detail: { eventBody: { conversationId: string } }
  }
  const { ended, ignored } = sorted(end, end, left)
  assert.deepEqual(ended, [end.detail.eventBody.conversationId, queue.eventBody.id])
  assert.equal(ignored, 2)
})

test('regression: more than 100 participants refused a snapshot; now each event keeps only its own one', () => {
  const snapshot = structuredClone(fixture('notification-queue-conversation')) as {
    eventBody: { id: string; participants: object[] }
  }
  const some = (length: number) => {
    snapshot.eventBody.participants = Array.from({ length }, (_, n) => ({ id: `p${n}`, purpose: 'agent' }))
    return sorted(snapshot).events
  }
  assert.equal(some(100)[7]?.event.body, snapshot)
  const events = some(120)
  assert.equal(events.length, 120)
  const { id } = snapshot.eventBody
  const participants = [{ id: 'p7', purpose: 'agent' }]
  assert.deepEqual(events[7]?.event.body, {
    ...snapshot,
    eventBody: { id, participants, participantsOmitted: 119 },
  })
})

test('a participant of a snapshot that cannot be read is rejected alone', () => {
  const snapshot = structuredClone(fixture('notification-queue-conversation')) as {
    eventBody: { participants: unknown[] }
  }
  snapshot.eventBody.participants.push(null, {})
  const { events, rejected } = sorted(canonicalItem(), snapshot)
  assert.equal(events.length, 3)
  assert.deepEqual(
    rejected.map(({ index, problems }) => [index, ...problems.map(({ path }) => path)]),
    [
      [1, 'eventBody.participants.2'],
      [1, 'eventBody.participants.3.id'],
    ],
  )
})

test('items are read as the request says, and as any envelope where it says nothing', () => {
  const read = () => ({ kind: 'foreign' }) as const
  assert.equal(sort([canonicalItem()], { rules, webhookId: undefined, read }).ignored, 1)
  assert.equal(sort([canonicalItem()], { rules, webhookId: undefined }).events.length, 1)
})

test('regression: a length that is no number made reading throw, and cost the whole batch its answer', () => {
  const length = { toString: 1 }
  const items = [
    { specversion: '1.0', id: 'x', source: { length }, type: 't', data: { conversationId: { length } } },
    { topicName: 'v2.users.u.conversations', eventBody: { id: 'c', participants: { length } } },
  ]
  const { rejected, ignored } = sort(items, {
    rules: rulesOf('version: 1\nrules: []\n'),
    webhookId: undefined,
  })
  assert.deepEqual(
    rejected.map(({ problems }) => problems.map(({ path, message }) => [path, message])),
    [
      [
        ['data.type', 'must be conversation:created or conversation:updated, but is missing'],
        ['data.conversationId', 'must be 1 to 128 characters of A-Z a-z 0-9 _ -, but is an object'],
      ],
    ],
  )
  assert.equal(ignored, 1)
})
