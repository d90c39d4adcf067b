import assert from 'node:assert/strict'
import { test } from 'node:test'
import { priorities } from '../../src/inbox/inbox.ts'
import { classifyItems } from '../../src/ingest/classify-items.ts'
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
const sorted = (...items: unknown[]) => classifyItems(items, { rules, webhookId: undefined })

test('items become events, ignored or rejected, and rejected items keep their index', () => {
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

test('rules listen by topic or type, and the highest priority of the listening rules applies', () => {
  const priorityOf = (item: unknown) => sorted(item).events[0]?.priority
  assert.equal(priorityOf(fixture('eventbridge-customer-start-chat')), priorities.high)
  assert.equal(priorityOf(canonicalItem()), priorities.normal)
  assert.equal(priorityOf(canonicalItem({ type: 'conversation:updated', topic: 'wrapup' })), priorities.low)
})

test('each participant of a snapshot is classified on its own', () => {
  assert.equal(sorted(fixture('notification-queue-conversation')).events.length, 2)
  const nobodyListens = classifyItems([fixture('notification-queue-conversation')], {
    rules: rulesOf('version: 1\nrules: []\n'),
    webhookId: undefined,
  })
  assert.equal(nobodyListens.ignored, 2)
  assert.deepEqual(nobodyListens.events, [])
})

test('equal items at two positions of one signed delivery are two events, with the same identities on redelivery', () => {
  const identities = () =>
    classifyItems([canonicalItem(), canonicalItem()], { rules, webhookId: 'w-1' }).events.map(
      ({ event }) => event.identity,
    )
  assert.equal(new Set(identities()).size, 2)
  assert.deepEqual(identities(), identities())
})

test('the end of a conversation is recorded even if no rule listens to the event', () => {
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

test('regression: a snapshot of more than 100 participants was rejected; each event now keeps only its own participant', () => {
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

test('an invalid participant of a snapshot is rejected alone', () => {
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

test('items are read with `read`, by default as any envelope', () => {
  const read = () => ({ kind: 'ignored' }) as const
  assert.equal(classifyItems([canonicalItem()], { rules, webhookId: undefined, read }).ignored, 1)
  assert.equal(classifyItems([canonicalItem()], { rules, webhookId: undefined }).events.length, 1)
})

test('regression: an invalid length made reading throw and failed the whole batch', () => {
  const length = { toString: 1 }
  const items = [
    { specversion: '1.0', id: 'x', source: { length }, type: 't', data: { conversationId: { length } } },
    { topicName: 'v2.users.u.conversations', eventBody: { id: 'c', participants: { length } } },
  ]
  const { rejected, ignored } = classifyItems(items, {
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
