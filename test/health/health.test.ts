import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { version } from '../../src/config/version.ts'
import type { DeliveryState } from '../../src/deliver/delivery-state.ts'
import { registerHealth } from '../../src/health/health.ts'
import { createHealthReport } from '../../src/health/health-report.ts'
import { createServer } from '../../src/http/server.ts'
import type { Inbox } from '../../src/inbox/inbox.ts'
import type { PressureStatus } from '../../src/ingest/pressure.ts'
import type { NotificationsStatus } from '../../src/notifications/status.ts'
import type { RulesStatus } from '../../src/rules/rules-in-force.ts'
import { createQueueState, type QueueStatus } from '../../src/sqs/status.ts'
import { conversationEvent } from '../helpers/events.ts'
import { openInbox } from '../helpers/ingest-server.ts'
import { captureLog } from '../helpers/log.ts'

const running: DeliveryState = {
  state: 'running',
  pausedUntil: undefined,
  reason: undefined,
  wedged: false,
  rebuilds: 0,
}

const rules: RulesStatus = {
  version: 'abc',
  rules: 2,
  loadedAt: 1_000,
  reloads: 0,
  failures: 0,
  stale: false,
}

const listening: NotificationsStatus = {
  channels: 2,
  connected: 2,
  topics: 1_500,
  lastMessageAt: 31_000,
  messages: { event: 5, heartbeat: 9, closing: 0, unreadable: 0 },
  rejected: 0,
  lastRejected: undefined,
  reconnects: 1,
  renewals: 3,
  gapMs: 1_800,
  failure: undefined,
  problems: [],
}

const calm: PressureStatus = {
  cause: undefined,
  heldBytes: 0,
  maxHeldBytes: 1_000,
  refused: { event_loop: 0, memory: 0 },
}

interface Situation {
  readonly pressure?: Partial<PressureStatus>
  readonly lifecycle?: 'starting' | 'running' | 'draining'
  readonly delivery?: DeliveryState
  readonly rules?: Partial<RulesStatus>
  readonly notifications?: Partial<NotificationsStatus>
  readonly sqs?: Partial<QueueStatus>
  readonly maxPending?: number
  readonly wrapInbox?: (inbox: Inbox) => Inbox
}

async function probes(t: TestContext, situation: Situation = {}) {
  const { lifecycle = 'running', delivery = running, maxPending = 10 } = situation
  const real = await openInbox(t, maxPending, () => 0)
  const inbox = situation.wrapInbox?.(real) ?? real
  const server = createServer({ logger: captureLog().logger, maxBodyBytes: 1_000, random: () => 0 })
  t.after(() => server.close())
  const idleQueue = createQueueState({ now: () => 0, visibilitySeconds: 60 })
  registerHealth(
    server,
    createHealthReport({
      inbox,
      maxPending,
      deliveryState: () => delivery,
      rules: () => ({ ...rules, ...situation.rules }),
      notifications: situation.notifications && (() => ({ ...listening, ...situation.notifications })),
      sqs: situation.sqs && (() => ({ ...idleQueue.status(), ...situation.sqs })),
      pressure: () => ({ ...calm, ...situation.pressure }),
      lifecycle: () => lifecycle,
      now: () => 61_000,
    }),
  )
  const get = async (url: string) => {
    const response = await server.inject(url)
    return { status: response.statusCode, body: response.json() }
  }
  return { server, inbox, get }
}

const broken = (inbox: Inbox): Inbox => ({
  ...inbox,
  checkWritable: () => Promise.reject(Object.assign(new Error('hush'), { code: 'SQLITE_FULL' })),
})

test('a running service passes every probe', async (t) => {
  const { get } = await probes(t)
  for (const url of ['/livez', '/readyz', '/startupz']) {
    assert.deepEqual(await get(url), { status: 200, body: { status: 'ok' } })
  }
  assert.deepEqual(await get('/health'), {
    status: 200,
    body: {
      status: 'ok',
      version,
      checks: {
        lifecycle: { ok: true },
        load: { ok: true, heldBytes: 0, maxHeldBytes: 1_000 },
        store: { ok: true },
        inbox: { ok: true, pending: 0, maxPending: 10 },
        rules: { ok: true, version: 'abc', rules: 2, ageSeconds: 60 },
        delivery: { ok: true, state: 'running' },
      },
    },
  })
})

for (const url of ['/livez', '/readyz', '/startupz', '/health']) {
  test(`HEAD ${url} has the status of GET and no body`, async (t) => {
    for (const lifecycle of ['starting', 'running'] as const) {
      const { server } = await probes(t, { lifecycle })
      const [get, head] = [await server.inject(url), await server.inject({ method: 'HEAD', url })]
      assert.equal(head.statusCode, get.statusCode)
      assert.equal(head.body, '')
    }
  })
}

for (const [lifecycle, live, started, ready] of [
  ['starting', 200, 503, 503],
  ['running', 200, 200, 200],
  ['draining', 200, 200, 503],
] as const) {
  test(`${lifecycle}: live ${live}, started ${started}, ready ${ready}`, async (t) => {
    const { get } = await probes(t, { lifecycle })
    assert.equal((await get('/livez')).status, live)
    assert.equal((await get('/startupz')).status, started)
    const readiness = await get('/readyz')
    assert.equal(readiness.status, ready)
    assert.equal((await get('/health')).status, ready)
    if (ready === 503) assert.deepEqual(readiness.body.reasons, [`lifecycle: ${lifecycle}`])
  })
}

test('a full inbox is not ready and shows the count; with room, it is ready again', async (t) => {
  const { get, inbox } = await probes(t, { maxPending: 1 })
  await inbox.append([{ event: conversationEvent(), priority: 1 }])
  assert.deepEqual((await get('/readyz')).body, {
    status: 'unavailable',
    reasons: ['inbox: The inbox is full'],
  })
  const { status, body } = await get('/health')
  assert.equal(status, 503)
  assert.equal(body.status, 'unavailable')
  assert.deepEqual(body.checks.inbox, {
    ok: false,
    pending: 1,
    maxPending: 1,
    reason: 'The inbox is full',
  })
  await inbox.expire({ acceptedBefore: 1, limit: 10 })
  assert.equal((await get('/readyz')).status, 200)
})

test('an overloaded service is not ready, with the cause, but alive', async (t) => {
  const { get } = await probes(t, { pressure: { cause: 'event_loop', heldBytes: 7 } })
  assert.deepEqual(await get('/readyz'), {
    status: 503,
    body: { status: 'unavailable', reasons: ['load: Server overloaded'] },
  })
  const { status, body } = await get('/health')
  assert.equal(status, 503)
  assert.deepEqual(body.checks.load, {
    ok: false,
    heldBytes: 7,
    maxHeldBytes: 1_000,
    code: 'overloaded',
    cause: 'event_loop',
    reason: 'Server overloaded',
  })
  assert.equal((await get('/livez')).status, 200, 'a restart would not help')
})

test('an inbox that cannot be written is not ready; the reason has the error code, not the message', async (t) => {
  const { get } = await probes(t, { wrapInbox: broken })
  const { status, body } = await get('/readyz')
  assert.equal(status, 503)
  assert.deepEqual(body.reasons, ['store: The inbox cannot be written (SQLITE_FULL)'])
  const health = await get('/health')
  assert.equal(health.status, 503)
  assert.doesNotMatch(JSON.stringify(health), /hush/)
  assert.equal((await get('/livez')).status, 200, 'a restart would not help')
})

// /readyz and /health once answered 500 without a reason if the inbox could not be read.
test('regression: an inbox that can be neither written nor read is reported', async (t) => {
  const wrapInbox = (inbox: Inbox) => ({ ...broken(inbox), stats: () => Promise.reject(new Error('hush')) })
  const { get } = await probes(t, { wrapInbox })
  assert.deepEqual((await get('/readyz')).body.reasons, [
    'store: The inbox cannot be written (SQLITE_FULL)',
    'inbox: unknown while the inbox fails',
  ])
  const { status, body } = await get('/health')
  assert.equal(status, 503)
  assert.equal(body.checks.store.ok, false)
  assert.equal(body.checks.delivery.ok, true)
})

test('regression: an inbox that can be written but not read is not ready', async (t) => {
  const wrapInbox = (inbox: Inbox) => ({ ...inbox, stats: () => Promise.reject(new Error('hush')) })
  const { get } = await probes(t, { wrapInbox })
  assert.equal((await get('/readyz')).status, 503)
  assert.deepEqual((await get('/health')).body.checks.store, {
    ok: false,
    reason: 'The inbox cannot be written (unknown)',
  })
})

for (const reason of ['credentials_refused', 'api_unavailable'] as const) {
  test(`delivery that waits for ${reason} is degraded, with a remedy, and still ready`, async (t) => {
    const { get } = await probes(t, {
      delivery: { state: 'open', pausedUntil: undefined, reason, wedged: false, rebuilds: 0 },
    })
    const { status, body } = await get('/health')
    assert.equal(status, 200)
    assert.equal(body.status, 'degraded')
    const { ok, state, code, remedy } = body.checks.delivery
    assert.deepEqual({ ok, state, code }, { ok: false, state: 'open', code: reason })
    assert.match(remedy, /events stay pending/i)
    assert.equal((await get('/readyz')).status, 200)
  })
}

test('a rate limit pause is not a failure and has its end', async (t) => {
  const pausedUntil = Date.parse('2026-02-03T10:15:30Z')
  const { get } = await probes(t, {
    delivery: { state: 'paused', pausedUntil, reason: undefined, wedged: false, rebuilds: 0 },
  })
  const { body } = await get('/health')
  assert.equal(body.status, 'ok')
  assert.deepEqual(body.checks.delivery, {
    ok: true,
    state: 'paused',
    pausedUntil: '2026-02-03T10:15:30.000Z',
    code: 'rate_limited',
  })
})

test('stuck delivery fails the liveness probe', async (t) => {
  const { get } = await probes(t, {
    delivery: { state: 'running', pausedUntil: undefined, reason: undefined, wedged: true, rebuilds: 0 },
  })
  const { status, body } = await get('/livez')
  assert.equal(status, 503)
  assert.deepEqual(body.reasons, ['Delivery is stuck'])
  assert.equal((await get('/readyz')).status, 200, 'events are still stored')
})

test('regression: an unreachable API with events of only one participant looked healthy', async (t) => {
  const { get } = await probes(t, {
    delivery: {
      state: 'running',
      pausedUntil: undefined,
      reason: 'api_unavailable',
      wedged: false,
      rebuilds: 0,
    },
  })
  const { status, body } = await get('/health')
  assert.deepEqual([status, body.status], [200, 'degraded'])
  assert.equal(body.checks.delivery.code, 'api_unavailable')
})

test('a failed reload of rules degrades health, not readiness', async (t) => {
  const { get } = await probes(t, { rules: { stale: true, failures: 1 } })
  assert.equal((await get('/readyz')).status, 200)
  const { status, body } = await get('/health')
  assert.deepEqual([status, body.status, body.checks.rules.code], [200, 'degraded', 'rules_invalid'])
})

test('the state of the notification websockets is shown', async (t) => {
  const { get } = await probes(t, { notifications: {} })
  const { body } = await get('/health')
  assert.equal(body.status, 'ok')
  assert.deepEqual(body.checks.notifications, {
    ok: true,
    channels: 2,
    connected: 2,
    topics: 1_500,
    reconnects: 1,
    gapSeconds: 2,
    rejected: 0,
    lastMessageAgeSeconds: 30,
  })
})

test('rejected websocket messages are counted, and the last one is shown', async (t) => {
  const topic = 'v2.users.u1.conversations'
  const lastRejected = { at: 5_000, topic, path: 'eventBody.participants.1.id' }
  const { get } = await probes(t, { notifications: { rejected: 3, lastRejected } })
  const { rejected, lastRejected: last } = (await get('/health')).body.checks.notifications
  assert.deepEqual([rejected, last], [3, { ...lastRejected, at: '1970-01-01T00:00:05.000Z' }])
})

test('a lost notification socket degrades health, not readiness', async (t) => {
  const failure = { code: 'notifications_down', cause: 'closed (1006)' } as const
  const { get } = await probes(t, { notifications: { connected: 1, lastMessageAt: undefined, failure } })
  assert.equal((await get('/readyz')).status, 200)
  const { status, body } = await get('/health')
  const { ok, code, cause, remedy, ...facts } = body.checks.notifications
  assert.deepEqual(
    [status, body.status, ok, code, cause],
    [200, 'degraded', false, failure.code, failure.cause],
  )
  assert.match(remedy, /reconnects with backoff/)
  assert.ok(!('lastMessageAgeSeconds' in facts))
})

test('the state of the SQS queue is shown', async (t) => {
  const results = { accepted: 5, duplicate: 2, ignored: 1, rejected: 3 }
  const lastRejected = { at: 5_000, messageId: 'm1', code: 'invalid_event', path: 'conversationId' } as const
  const counts = { receiving: 2, received: 11, deleted: 8, results, lastRejected }
  const { get } = await probes(t, { sqs: { ...counts, lastReceiveAt: 51_000, oldestMessageMs: 1_600 } })
  const { body } = await get('/health')
  assert.equal(body.status, 'ok', 'messages that are not valid do not degrade the service')
  assert.deepEqual(body.checks.sqs, {
    ok: true,
    polls: 2,
    held: 0,
    received: 11,
    deleted: 8,
    rejected: 3,
    lastRejected: { ...lastRejected, at: '1970-01-01T00:00:05.000Z' },
    oldestMessageSeconds: 2,
    lastReceiveAgeSeconds: 10,
  })
})

test('a failure of the SQS queue degrades health, not readiness, and names the permissions', async (t) => {
  const failure = { code: 'sqs_access_denied', cause: 'ReceiveMessage: AccessDenied' } as const
  const { get } = await probes(t, { sqs: { failure } })
  assert.equal((await get('/readyz')).status, 200)
  const { status, body } = await get('/health')
  const { ok, code, cause, remedy } = body.checks.sqs
  assert.deepEqual(
    [status, body.status, ok, code, cause],
    [200, 'degraded', false, failure.code, failure.cause],
  )
  for (const action of ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'])
    assert.ok(remedy.includes(`sqs:${action}`), action)
})

test('missing queues degrade health, listed by name up to a limit', async (t) => {
  const problems = Array.from({ length: 30 }, (_, index) => ({
    code: 'queue_not_found' as const,
    subject: `Queue ${index}`,
    detail: 'no queue has this name',
  }))
  const failure = { code: 'queue_not_found', cause: 'Queue 0' } as const
  const { get } = await probes(t, { notifications: { failure, problems } })
  const { body } = await get('/health')
  assert.equal(body.status, 'degraded')
  assert.deepEqual(body.checks.notifications.problems, problems.slice(0, 20))
})
