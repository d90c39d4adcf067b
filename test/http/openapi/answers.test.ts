import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import type { DeliveryState } from '../../../src/deliver/delivery-state.ts'
import { registerHealth } from '../../../src/health/health.ts'
import { createHealthReport, type HealthDeps } from '../../../src/health/health-report.ts'
import { createServer } from '../../../src/http/server.ts'
import type { NotificationsStatus } from '../../../src/notifications/status.ts'
import { openAdmin, adminToken as openAdminToken } from '../../admin/harness.ts'
import { firehose } from '../../helpers/carriers.ts'
import { type Answer, createDescribed, type Method, openApiDocument } from '../../helpers/description.ts'
import { canonicalItem } from '../../helpers/events.ts'
import { fixture } from '../../helpers/fixtures.ts'
import { openInbox, startIngest } from '../../helpers/ingest-server.ts'
import { captureLog } from '../../helpers/log.ts'
import { adminToken, relayToken, startService } from '../../helpers/service.ts'
import { until } from '../../helpers/wait.ts'

const description = await openApiDocument()
const described = createDescribed(description)
const webhook = '/webhooks/genesys'

/** The responses seen so far that match the document: `GET /livez 503`, `POST /webhooks/genesys 503 inbox_full`. */
const seen = new Set<string>()

function check(method: Method, path: string, answer: Answer): void {
  described(description.paths[path]?.[method], answer)
  const problem = String(answer.headers['content-type']).startsWith('application/problem+json')
  const code = problem ? ` ${JSON.parse(answer.text).code}` : ''
  seen.add(`${method.toUpperCase()} ${path} ${answer.status}${code}`)
}

const injected = ({ statusCode: status, headers, body: text }: LightMyRequestResponse): Answer => ({
  status,
  headers,
  text,
})

interface Ask {
  /** The part of the path that `query` replaces. */
  readonly replaced?: string
  readonly headers?: Record<string, string>
  readonly query?: string
  /** Strings are sent unchanged, other values as JSON. */
  readonly body?: unknown
}

/** Sends a request and checks the response against the document. */
const asking =
  (url: string, common: Record<string, string> = {}) =>
  async (
    method: Method,
    path: string,
    { headers = {}, query = '', replaced = '', body }: Ask = {},
  ): Promise<Answer> => {
    const response = await fetch(url + path.replace(replaced, '') + query, {
      method: method.toUpperCase(),
      headers: { 'content-type': 'application/json', ...common, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const answer = {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text: await response.text(),
    }
    check(method, path, answer)
    return answer
  }

const asRelay = { authorization: `Bearer ${relayToken}` }
const asAdmin = { authorization: `Bearer ${adminToken}` }

test('webhook responses match the document', async (t) => {
  const limits = { MAX_BATCH: '5', MAX_BODY_BYTES: '5000' }
  const ask = asking(await startService(t, { environment: limits }), asRelay)
  await ask('post', webhook, { body: canonicalItem({ id: 'known' }) })
  const mixed = [canonicalItem({ id: 'known' }), canonicalItem(), null, fixture('notification-heartbeat')]
  assert.equal((await ask('post', webhook, { body: mixed })).status, 202)
  const attributes = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/relay', 'ce-type': 'any' }
  await ask('post', webhook, { body: canonicalItem(), headers: attributes })
  await ask('post', webhook, { body: 'no json' })
  await ask('post', webhook, { body: canonicalItem(), headers: { authorization: 'Bearer another' } })
  await ask('post', webhook, { body: canonicalItem({ long: 'x'.repeat(6_000) }) })
  await ask('post', webhook, { body: Array.from({ length: 6 }, () => canonicalItem()) })
  await ask('post', webhook, { body: 'a=b', headers: { 'content-type': 'text/csv' } })
  await ask('post', webhook, { body: [{ conversationId: 'a/b' }, 5] })
  const validation = {
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    data: { validationCode: 'c' },
  }
  assert.equal((await ask('post', webhook, { body: [validation] })).status, 200)
  assert.equal((await ask('post', webhook, { body: firehose(canonicalItem()) })).status, 200)
  await ask('options', webhook, { headers: { 'webhook-request-origin': 'example.com' } })
  await ask('options', webhook)
})

test('webhook problems match the document', async (t) => {
  const environment = { WEBHOOK_MAX_FAILURES: '1' }
  const ask = asking(await startService(t, { environment }), { authorization: 'Bearer another' })
  await ask('post', webhook, { body: canonicalItem() })
  await ask('post', webhook, { body: canonicalItem() })
  const elsewhere = asking(
    await startService(t, { environment: { WEBHOOK_ALLOWED_CIDRS: '192.0.2.1' } }),
    asRelay,
  )
  await elsewhere('post', webhook, { body: canonicalItem() })
})

test('503 responses match their OpenAPI description', async (t) => {
  const ask = asking(await startService(t, { environment: { INBOX_MAX_PENDING: '1' } }), asRelay)
  await ask('post', webhook, { body: canonicalItem({ id: 'first', participantId: 'p1' }) })
  await ask('post', webhook, { body: canonicalItem({ id: 'second', participantId: 'p2' }) })
  await ask('get', '/readyz')
  await ask('get', '/health')
  const deliverNode = await startIngest(t, { takesEvents: false })
  check('post', webhook, injected(await deliverNode.post(canonicalItem())))
  const draining = await startIngest(t, { draining: () => true })
  check('post', webhook, injected(await draining.post(canonicalItem())))
  const overloaded = await startIngest(t, { pressure: { minHeldBytesLimit: 1 }, maxBodyBytes: 1 })
  check('post', webhook, injected(await overloaded.post(canonicalItem())))
  const jwt = async () => ({ accepted: false, cause: 'issuer down', unavailable: 'jwt' }) as const
  const withoutKeys = await startIngest(t, { auth: { jwt } })
  const asToken = { authorization: 'Bearer a.b.c' }
  check('post', webhook, injected(await withoutKeys.post(canonicalItem(), asToken)))
  const append = () => Promise.reject(Object.assign(new Error('full disk'), { code: 'SQLITE_FULL' }))
  const door = await startIngest(t, { wrapInbox: (inbox) => ({ ...inbox, append }) })
  check('post', webhook, injected(await door.post(canonicalItem())))
  check('post', webhook, injected(await door.post(canonicalItem(), { 'content-length': '3' })))
})

const delivery: DeliveryState = {
  state: 'running',
  pausedUntil: undefined,
  reason: undefined,
  wedged: false,
  rebuilds: 0,
}

const listening: NotificationsStatus = {
  channels: 2,
  connected: 1,
  topics: 3,
  lastMessageAt: 500,
  messages: { event: 1, heartbeat: 1, closing: 0, unreadable: 0 },
  rejected: 1,
  lastRejected: { at: 400, topic: 'v2.users.u1.conversations', path: 'eventBody.id' },
  reconnects: 1,
  renewals: 0,
  gapMs: 1_500,
  failure: { code: 'notifications_down', cause: 'ECONNREFUSED' },
  problems: [{ code: 'queue_not_found', subject: 'billing', detail: 'no such queue' }],
}

const calm = { cause: undefined, heldBytes: 0, maxHeldBytes: 1_000, refused: { event_loop: 0, memory: 0 } }

/** Calls every probe of a service. */
async function probe(t: TestContext, state: Partial<HealthDeps>): Promise<void> {
  const server = createServer({ logger: captureLog().logger, maxBodyBytes: 1_000, random: () => 0 })
  t.after(() => server.close())
  registerHealth(
    server,
    createHealthReport({
      inbox: await openInbox(t, 10, () => 0),
      maxPending: 10,
      deliveryState: () => delivery,
      rules: () => ({ version: 'abc', rules: 2, loadedAt: 0, reloads: 0, failures: 0, stale: false }),
      pressure: () => calm,
      now: () => 1_000,
      lifecycle: () => 'running',
      ...state,
    }),
  )
  for (const path of ['/livez', '/startupz', '/readyz', '/health'])
    check('get', path, injected(await server.inject(path)))
}

test('probe responses match the document in every state', async (t) => {
  await probe(t, {})
  await probe(t, { lifecycle: () => 'starting' })
  await probe(t, { lifecycle: () => 'draining' })
  await probe(t, { pressure: () => ({ ...calm, cause: 'memory' }) })
  await probe(t, { deliveryState: () => ({ ...delivery, wedged: true }) })
  await probe(t, { deliveryState: () => ({ ...delivery, state: 'paused', pausedUntil: 2_000 }) })
  await probe(t, { deliveryState: () => ({ ...delivery, state: 'open', reason: 'credentials_refused' }) })
  await probe(t, {
    deliveryState: () => ({ ...delivery, state: 'paused', operatorPause: { since: 5, reason: 'tests' } }),
  })
  await probe(t, {
    rules: () => ({ version: 'abc', rules: 2, loadedAt: 0, reloads: 0, failures: 1, stale: true }),
  })
  await probe(t, { notifications: () => listening })
  const inbox = await openInbox(t, 10, () => 0)
  const broken = () => Promise.reject(new Error('no disk'))
  await probe(t, { inbox: { ...inbox, checkWritable: broken } })
  await probe(t, { inbox: { ...inbox, checkWritable: broken, stats: broken } })
})

test('metrics and description pages match the document', async (t) => {
  const ask = asking(await startService(t))
  for (const accept of ['text/plain', 'application/openmetrics-text'])
    await ask('get', '/metrics', { headers: { accept } })
  await ask('get', '/openapi.json')
  await ask('get', '/docs')
})

const adminPaths = Object.entries(description.paths)
  .filter(([path]) => path.startsWith('/admin/'))
  .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method: method as Method })))

test('the dashboard matches the document', async (t) => {
  const environment = { ADMIN_TOKEN: '' }
  await asking(await startService(t))('get', '/dashboard')
  await asking(await startService(t, { environment }))('get', '/dashboard')
})

test('the live stream matches the document', async (t) => {
  const { server, live } = await openAdmin(t)
  const ask = () =>
    server.inject({ url: '/admin/live', headers: { authorization: `Bearer ${openAdminToken}` } })
  check('get', '/admin/live', injected(await ask()))
  live.open = () => Readable.from(['event: start\ndata: {}\n\n'])
  check('get', '/admin/live', injected(await ask()))
})

test('admin problems match the document', async (t) => {
  const ask = asking(await startService(t))
  const askOften = asking(await startService(t, { environment: { WEBHOOK_MAX_FAILURES: '1' } }))
  const askAbsent = asking(await startService(t, { environment: { ADMIN_TOKEN: '' } }), asAdmin)
  await askOften('get', '/admin/status')
  for (const { method, path } of adminPaths) {
    await ask(method, path)
    await askOften(method, path)
    await askAbsent(method, path)
  }
})

test('answers of the admin routes for events, dead letters and delivery match the document', async (t) => {
  const url = await startService(t, { environment: { MAX_BODY_BYTES: '5000' } })
  const ask = asking(url, asAdmin)
  const items = [canonicalItem({ id: 'a' }), { type: 'conversation:created', conversationId: 'c2', id: 'b' }]
  await asking(url, asRelay)('post', webhook, { body: items })
  await until('one event is a dead letter', async () => {
    const { text } = await ask('get', '/admin/events', { query: '?state=dead' })
    return JSON.parse(text).items.length === 1
  })
  await ask('get', '/admin/events', { query: '?limit=0' })
  for (const route of ['events', 'dead-letters']) {
    const at = (id: string) => `/${id}`
    await ask('get', `/admin/${route}/{id}`, { query: at('b'), replaced: '/{id}' })
    await ask('get', `/admin/${route}/{id}`, { query: at('unknown'), replaced: '/{id}' })
  }
  await ask('get', '/admin/events/{id}', { query: '/a', replaced: '/{id}' })
  for (const action of ['replay', 'drop']) {
    const path = `/admin/dead-letters/${action}`
    await ask('post', path, { body: { ids: ['unknown'] } })
    await ask('post', path, { body: {} })
    await ask('post', path, { body: { ids: ['x'.repeat(6_000)] } })
    await ask('post', path, { body: 'a=b', headers: { 'content-type': 'text/csv' } })
    await ask('post', path, { body: { code: 'expired' } })
  }
  await ask('post', '/admin/delivery/pause', { body: { reason: 'tests' } })
  await ask('get', '/admin/status')
  await ask('get', '/health')
  await ask('post', '/admin/delivery/pause', { body: { reason: 5 } })
  await ask('post', '/admin/delivery/pause', { body: { reason: 'x'.repeat(6_000) } })
  await ask('post', '/admin/delivery/pause', { body: 'a=b', headers: { 'content-type': 'text/csv' } })
  await ask('post', '/admin/delivery/resume')
})

test('503 of the admin routes matches the document', async (t) => {
  const fail = () => Promise.reject(new Error('full disk'))
  const { server, operatorPause } = await openAdmin(t, {
    wrapInbox: (inbox) => ({ ...inbox, replay: fail, drop: fail }),
  })
  Object.assign(operatorPause, { pause: fail, resume: fail })
  const headers = { authorization: `Bearer ${openAdminToken}` }
  for (const path of ['dead-letters/replay', 'dead-letters/drop', 'delivery/pause', 'delivery/resume']) {
    const payload = path.startsWith('dead') ? { all: true } : {}
    const url = `/admin/${path}`
    check('post', url, injected(await server.inject({ method: 'POST', url, headers, payload })))
  }
})

test('admin status and dead letters match the document', async (t) => {
  const url = await startService(t)
  const ask = asking(url, asAdmin)
  const items = [canonicalItem({ id: 'a' }), { type: 'conversation:created', conversationId: 'c2' }]
  await asking(url, asRelay)('post', webhook, { body: items })
  await until('the event without a participant is a dead letter', async () => {
    const { text } = await ask('get', '/admin/dead-letters', { query: '?limit=1&code=participant_not_found' })
    return JSON.parse(text).items.length === 1
  })
  await ask('get', '/admin/dead-letters', { query: '?code=expired' })
  await ask('get', '/admin/dead-letters', { query: '?limit=0' })
  await ask('get', '/admin/status')
})

const manyRules = `
version: 1
rules:
  - { name: all, on: ["*"], set: { a: 1, b: 1 } }
  - { name: picky, on: ["*"], when: 'participant.purpose == "agent"', set: { a: 2 } }
  - { name: unclear, on: ["*"], when: 'event.queueId == "x"', set: { a: 3 } }
  - { name: deaf, on: [acd.start], set: { a: 4 } }
  - { name: last, on: [conversation:created], set: { b: 5 } }
  - { name: far, on: [conversation:updated], target: 'candidate.purpose == "agent"', set: { a: 6 } }
`

test('rule evaluations match the document', async (t) => {
  const path = '/admin/rules/evaluate'
  const url = await startService(t, { rules: manyRules, environment: { MAX_BODY_BYTES: '5000' } })
  const ask = asking(url, asAdmin)
  const updated = canonicalItem({ type: 'conversation:updated', topic: 'acd.end' })
  const participants = ['customer', 'agent', undefined].map((purpose, index) => ({
    id: `p${index}`,
    connectedTime: '2026-01-01T00:00:00Z',
    ...(purpose && { purpose }),
  }))
  await ask('post', path, { body: { event: canonicalItem() } })
  await ask('post', path, { body: canonicalItem() })
  await ask('post', path, { body: { event: updated } })
  await ask('post', path, { body: { event: updated, participants } })
  await ask('post', path, { body: { event: updated, participants: [] } })
  await ask('post', path, { body: { event: fixture('notification-heartbeat') } })
  await ask('post', path, { body: { event: canonicalItem(), rules: manyRules } })
  await ask('post', path, { body: { event: canonicalItem(), rules: 'version: 2' } })
  await ask('get', '/admin/rules')
  await ask('post', path, { body: {} })
  await ask('post', path, { body: { event: { type: 'conversation:created' } } })
  await ask('post', path, { body: { event: 'x'.repeat(6_000) } })
  await ask('post', path, { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
})

test('the tests above cover every response of the document', () => {
  const promised = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.entries(responses).flatMap(([status, { content = {} }]) => {
        const answer = `${method.toUpperCase()} ${path} ${status}`
        const codes = Object.keys(content['application/problem+json']?.examples ?? {})
        return codes.length === 0 ? [answer] : codes.map((code) => `${answer} ${code}`)
      }),
    ),
  )
  const expected = promised.filter((answer) => !answer.endsWith(' default'))
  assert.deepEqual(
    expected.filter((answer) => !seen.has(answer)),
    [],
  )
})
