import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Inbox, NodeStatus, Nodes } from '../../src/inbox/inbox.ts'
import { createIntake, type IntakeDeps, type IntakeResult } from '../../src/ingest/intake.ts'
import { createTotals } from '../../src/metrics/totals.ts'
import { asGzip, pubsub } from '../helpers/carriers.ts'
import { canonicalItem, cloudEvent } from '../helpers/events.ts'
import { fixture } from '../helpers/fixtures.ts'
import { openInbox, startIngest } from '../helpers/ingest-server.ts'
import { oneRule, rulesOf } from '../helpers/rules.ts'

const listening = () =>
  rulesOf(oneRule('on: [routing.queues.conversations, users.conversations], set: { seen: true }'))
const now = () => 1_770_000_000_000

type State = 'alerting' | 'connected' | 'disconnected'

const topicOf = (source: 'users' | 'routing.queues') =>
  `v2.${source}.9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7005.conversations`

/** The fixture's conversation plus a third participant. `correlationId` differs per notification. */
function snapshot(
  correlationId: string,
  { agent = 'alerting', customerLeft = false }: { agent?: State; customerLeft?: boolean } = {},
) {
  const item = fixture('notification-queue-conversation') as { eventBody: { participants: object[] } }
  const [customer, user] = item.eventBody.participants
  const participants = [
    { ...customer, ...(customerLeft && { endTime: '2026-01-05T09:10:00Z' }) },
    { ...user, messages: [{ id: 'me55', state: agent, direction: 'outbound' }] },
    { id: 'acd-1', purpose: 'acd', calls: [{ state: 'disconnected' }] },
  ]
  return {
    ...item,
    eventBody: { ...item.eventBody, participants },
    metadata: { CorrelationId: correlationId },
  }
}

const counts = (result: IntakeResult): string =>
  result.kind === 'stored' ? `${result.accepted} new, ${result.duplicates} known` : result.kind

async function openIntake(
  t: TestContext,
  options: Partial<IntakeDeps> & { maxPending?: number; wrapInbox?: (inbox: Inbox) => Inbox } = {},
) {
  const { maxPending = 1_000, wrapInbox = (inbox) => inbox } = options
  const inbox = await openInbox(t, maxPending, now)
  const rules = listening()
  const totals = createTotals()
  const intake = createIntake({ inbox: wrapInbox(inbox), rules: () => rules, totals, ...options })
  const take = async (...items: unknown[]) => counts(await intake(items))
  return { inbox, totals, intake, take }
}

test('a snapshot yields events only for the participants that changed', async (t) => {
  const ingest = await startIngest(t, { rules: listening() })
  const post = async (body: unknown) => (await ingest.post(body)).json()
  const answer = { ignored: 0, rejected: [] }
  assert.deepEqual(await post(snapshot('1')), { accepted: 3, duplicates: 0, ...answer })
  const changed = snapshot('2', { agent: 'connected' })
  assert.deepEqual(await post(changed), { accepted: 1, duplicates: 2, ...answer })
  assert.deepEqual(await post(changed), { accepted: 0, duplicates: 3, ...answer })
  assert.deepEqual([ingest.totals.accepted, ingest.totals.duplicates], [4, 5])
  const claims = await ingest.inbox.claim({ limit: 10, leaseMs: 1_000 })
  assert.deepEqual(claims.map(({ events }) => events.length).sort(), [1, 1, 2])
})

test('snapshots are compared only while no other node takes events', async (t) => {
  const self: NodeStatus = {
    id: 'a:1',
    role: 'all',
    lastSeenAt: 0,
    delivers: true,
    rulesVersion: undefined,
    isThis: true,
  }
  let nodes: readonly NodeStatus[] = [self]
  const { take } = await openIntake(t, {
    wrapInbox: (inbox) => ({ ...inbox, nodes: { list: () => nodes } as Nodes }),
  })
  assert.equal(await take(snapshot('1')), '3 new, 0 known')
  assert.equal(await take(snapshot('2')), '0 new, 3 known')
  nodes = [self, { ...self, id: 'b:1', isThis: false, role: 'deliver' }]
  assert.equal(await take(snapshot('3')), '3 new, 0 known', 'it may have notification websockets')
  nodes = [self, { ...self, id: 'b:1', isThis: false, role: 'ingest' }]
  assert.equal(await take(snapshot('4')), '3 new, 0 known')
  assert.equal(await take(snapshot('5')), '3 new, 0 known')
  nodes = [self]
  assert.equal(await take(snapshot('6')), '3 new, 0 known', 'what the other node took is not known')
  assert.equal(await take(snapshot('7')), '0 new, 3 known')
})

test('messages that unpack to too many bytes are refused, and nothing is stored or counted', async (t) => {
  const { intake, inbox, totals } = await openIntake(t, { maxUnpackedBytes: 1_000 })
  const large = canonicalItem({ id: 'large', pad: ' '.repeat(1_000) })
  const push = { message: { data: asGzip(large), messageId: '1' }, subscription: 's' }
  assert.deepEqual(await intake([pubsub(canonicalItem({ id: 'small' })), push]), { kind: 'too_large' })
  assert.deepEqual([totals.accepted, totals.rejected, (await inbox.stats()).pending], [0, 0, 0])
})

test('two snapshots in one request are compared with each other, and both count against maxEvents', async (t) => {
  const { take, intake } = await openIntake(t)
  assert.equal(await take(snapshot('1'), snapshot('2', { agent: 'connected' })), '4 new, 2 known')
  const items = [snapshot('3', { agent: 'connected' }), snapshot('4', { agent: 'disconnected' })]
  assert.deepEqual(await intake(items, { maxEvents: 5 }), { kind: 'too_many', events: 6 })
  assert.equal(await take(...items), '1 new, 5 known')
})

test('snapshots are compared across envelopes, but per topic', async (t) => {
  const { take } = await openIntake(t)
  const bridged = (id: string) => ({
    id,
    'detail-type': 'v2.routing.queues.{id}.conversations',
    detail: snapshot(id),
  })
  assert.equal(await take(snapshot('1')), '3 new, 0 known')
  assert.equal(await take(cloudEvent(snapshot('2'))), '0 new, 3 known')
  assert.equal(await take(bridged('3')), '0 new, 3 known')
  assert.equal(await take({ ...snapshot('4'), topicName: topicOf('users') }), '3 new, 0 known')
})

test('a snapshot that was not stored yields its events again', async (t) => {
  let fails = false
  const { take, totals } = await openIntake(t, {
    maxPending: 4,
    wrapInbox: (inbox) => ({
      ...inbox,
      append: (events) => (fails ? Promise.reject(new Error('disk I/O error')) : inbox.append(events)),
    }),
  })
  assert.equal(await take(snapshot('1')), '3 new, 0 known')
  fails = true
  const connected = snapshot('2', { agent: 'connected' })
  assert.equal(await take(connected), 'failed')
  fails = false
  assert.equal(await take(connected), '1 new, 2 known')
  const disconnected = snapshot('3', { agent: 'disconnected' })
  assert.equal(await take(disconnected), 'full')
  assert.equal(await take(disconnected), 'full')
  assert.deepEqual([totals.accepted, totals.duplicates], [4, 2])
})

test('a snapshot without changes stores nothing', async (t) => {
  let appends = 0
  const { take } = await openIntake(t, {
    wrapInbox: (inbox) => ({
      ...inbox,
      append: (events) => {
        appends += 1
        return inbox.append(events)
      },
    }),
  })
  assert.equal(await take(snapshot('1')), '3 new, 0 known')
  assert.equal(await take(snapshot('2')), '0 new, 3 known')
  assert.equal(appends, 1)
})

test('if recording the end of a conversation fails, the next snapshot yields its events again', async (t) => {
  let fails = true
  const { take } = await openIntake(t, {
    wrapInbox: (inbox) => ({
      ...inbox,
      noteEnded: (ids) => (fails ? Promise.reject(new Error('disk I/O error')) : inbox.noteEnded(ids)),
    }),
  })
  assert.equal(await take(snapshot('1')), '3 new, 0 known')
  assert.equal(await take(snapshot('2', { customerLeft: true })), 'failed')
  fails = false
  assert.equal(await take(snapshot('3')), '1 new, 2 known')
})

test('a snapshot without changes still records the end of its conversation', async (t) => {
  const noted: string[] = []
  const { take } = await openIntake(t, {
    wrapInbox: (inbox) => ({
      ...inbox,
      noteEnded: (ids) => {
        noted.push(...ids)
        return inbox.noteEnded(ids)
      },
    }),
  })
  assert.equal(await take(snapshot('1', { customerLeft: true })), '3 new, 0 known')
  assert.equal(await take(snapshot('2', { customerLeft: true })), '0 new, 3 known')
  assert.deepEqual(noted, Array(2).fill('6b9d2f0e-5a0c-4f0e-9d65-2f3c1a7b8e01'))
})

test('a change that is reverted while it is being stored yields an event', async (t) => {
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  let holds = false
  const { take } = await openIntake(t, {
    wrapInbox: (inbox) => ({
      ...inbox,
      append: async (events) => {
        const held = holds
        holds = false
        const result = await inbox.append(events)
        if (held) {
          reached.resolve()
          await released.promise
        }
        return result
      },
    }),
  })
  await take(snapshot('1'))
  holds = true
  const first = take(snapshot('2', { agent: 'connected' }))
  await reached.promise
  assert.equal(await take(snapshot('3', { agent: 'alerting' })), '1 new, 2 known')
  released.resolve()
  assert.equal(await first, '1 new, 2 known')
  assert.equal(await take(snapshot('4', { agent: 'alerting' })), '0 new, 3 known')
  assert.equal(await take(snapshot('5', { agent: 'connected' })), '1 new, 2 known')
})

test('new rules, and a restarted service, get every participant once', async (t) => {
  let rules = listening()
  const { take, inbox, totals } = await openIntake(t, { rules: () => rules })
  assert.equal(await take(snapshot('1')), '3 new, 0 known')
  rules = listening()
  assert.equal(await take(snapshot('2')), '3 new, 0 known')
  assert.equal(await take(snapshot('3')), '0 new, 3 known')

  const restarted = createIntake({ inbox, rules: () => rules, totals })
  assert.equal(counts(await restarted([snapshot('4')])), '3 new, 0 known')
  assert.equal(counts(await restarted([snapshot('4')])), '0 new, 3 known')
})

test('a snapshot without a listening rule is ignored; other events are never compared', async (t) => {
  const rules = rulesOf(oneRule('on: [conversation:created], set: { seen: true }'))
  const { intake } = await openIntake(t, { rules: () => rules })
  const items = [snapshot('1'), canonicalItem(), null]
  for (const webhookId of ['w-1', 'w-2']) {
    const result = await intake(items, { webhookId })
    assert.equal(counts(result), '1 new, 0 known')
    assert.ok(result.kind === 'stored')
    assert.deepEqual([result.ignored, result.rejected.map(({ index }) => index)], [3, [2]])
  }
})
