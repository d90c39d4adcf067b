import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LightMyRequestResponse } from 'fastify'
import { errorCatalogue } from '../../src/errors.ts'
import { answerHandshake, createEndOfTurn, webhookPath } from '../../src/ingest/ingest.ts'
import { canonicalItem, cloudEvent } from '../helpers/events.ts'
import { fixture } from '../helpers/fixtures.ts'
import { type IngestServer, startIngest, token } from '../helpers/ingest-server.ts'
import { anyItem } from '../helpers/mutations.ts'
import { rounds } from '../helpers/rounds.ts'
import { oneRule, rulesOf } from '../helpers/rules.ts'

const now = 1_770_000_000_000

/** Asserts that a response is a complete problem document; returns its code. */
function problemOf(response: LightMyRequestResponse): string {
  assert.match(String(response.headers['content-type']), /^application\/problem\+json/)
  const body = response.json()
  const entry = Object.entries(errorCatalogue).find(([code]) => code === body.code)?.[1]
  assert.ok(entry && 'status' in entry, `no answer code of the catalogue: ${body.code}`)
  assert.equal(body.type, `urn:genesys-enricher:error:${body.code}`)
  assert.equal(body.title, entry.title)
  assert.equal(body.status, response.statusCode)
  assert.equal(entry.status, response.statusCode)
  assert.ok(body.detail.endsWith(entry.remedy))
  assert.match(body.requestId, /^[0-9a-f-]{36}$/)
  return body.code
}

const structured = { 'content-type': 'application/cloudevents+json' }
const batched = { 'content-type': 'application/cloudevents-batch+json' }
/** The attributes of `cloudEvent()` as headers. */
const binary = {
  'ce-specversion': '1.0',
  'ce-id': 'ce-1',
  'ce-source': 'https://broker.example.com/genesys',
  'ce-type': 'com.example.conversation',
}

const pending = async ({ inbox }: IngestServer): Promise<number> => (await inbox.stats()).pending

/** A generator of each value of a record. */
const constants = (record: Record<string, string>) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, fc.constant(value)]))

const numbered = (count: number, changes: Record<string, unknown> = {}) =>
  Array.from({ length: count }, (_, index) => canonicalItem({ id: `e-${index}`, ...changes }))

test('202: one event is stored', async (t) => {
  const ingest = await startIngest(t)
  const response = await ingest.post(canonicalItem())
  assert.equal(response.statusCode, 202)
  assert.deepEqual(response.json(), { accepted: 1, duplicates: 0, ignored: 0, rejected: [] })
  assert.equal(await pending(ingest), 1)
})

test('202: a mixed batch reports and counts each item', async (t) => {
  const ingest = await startIngest(t)
  await ingest.post(canonicalItem({ id: 'known' }))
  const response = await ingest.post([
    canonicalItem({ id: 'known' }),
    canonicalItem({ id: 'fresh' }),
    { type: 'conversation:created', conversationId: 'a/b', participantId: 5 },
    canonicalItem({ id: 'fresh' }),
    canonicalItem({ type: 'conversation:updated' }),
    fixture('notification-heartbeat'),
    null,
    fixture('eventbridge-customer-start-chat'),
  ])
  assert.equal(response.statusCode, 202)
  assert.deepEqual(response.json(), {
    accepted: 2,
    duplicates: 2,
    ignored: 2,
    rejected: [
      {
        index: 2,
        code: 'invalid_event',
        message:
          'conversationId must be 1 to 128 characters of A-Z a-z 0-9 _ -, but has other characters; participantId must be 1 to 128 characters of A-Z a-z 0-9 _ -, but is a number',
      },
      { index: 6, code: 'invalid_event', message: 'must be an object, but is null' },
    ],
  })
  assert.equal(await pending(ingest), 3)
  const { accepted, duplicates, ignored, rejected } = ingest.totals
  assert.deepEqual(
    { accepted, duplicates, ignored, rejected },
    { accepted: 3, duplicates: 2, ignored: 2, rejected: 2 },
  )
})

test('202: a repeated request stores nothing', async (t) => {
  const ingest = await startIngest(t)
  const batch = [fixture('eventbridge-customer-start-chat'), fixture('notification-customer-start-voice')]
  assert.deepEqual((await ingest.post(batch)).json(), {
    accepted: 2,
    duplicates: 0,
    ignored: 0,
    rejected: [],
  })
  const again = await ingest.post(batch)
  assert.equal(again.statusCode, 202)
  assert.deepEqual(again.json(), { accepted: 0, duplicates: 2, ignored: 0, rejected: [] })
  assert.equal(await pending(ingest), 2)
})

test('202: webhook-id separates deliveries with equal bodies and detects a repeated delivery', async (t) => {
  const ingest = await startIngest(t)
  const deliver = async (id: string) => (await ingest.post(canonicalItem(), { 'webhook-id': id })).json()
  assert.equal((await deliver('w-1')).accepted, 1)
  assert.equal((await deliver('w-1')).duplicates, 1)
  assert.equal((await deliver('w-2')).accepted, 1)
})

for (const name of [
  'eventbridge-other-detail-type',
  'eventbridge-audit-user-presence',
  'notification-user-presence',
  'notification-heartbeat',
  'eventbridge-customer-end-chat',
]) {
  test(`202: ${name} is ignored, because no rule listens`, async (t) => {
    const ingest = await startIngest(t)
    const response = await ingest.post(fixture(name))
    assert.equal(response.statusCode, 202)
    assert.deepEqual(response.json(), { accepted: 0, duplicates: 0, ignored: 1, rejected: [] })
    assert.equal(await pending(ingest), 0)
  })
}

test('202: a snapshot yields one event per participant', async (t) => {
  const rules = rulesOf(oneRule('on: [routing.queues.conversations], set: { seen: true }'))
  const ingest = await startIngest(t, { rules })
  const response = await ingest.post(fixture('notification-queue-conversation'))
  assert.equal(response.json().accepted, 2)
})

for (const [what, headers] of [
  ['text/plain', { 'content-type': 'text/plain; charset=UTF-8' }],
  ['text/json', { 'content-type': 'text/json' }],
  ['a vendor type', { 'content-type': 'application/vnd.example+json' }],
  ['an empty content type', { 'content-type': '' }],
  ['parameters without a type', { 'content-type': '; charset=utf-8' }],
] as const) {
  test(`202: JSON with ${what}, with and without a byte order mark`, async (t) => {
    const ingest = await startIngest(t)
    const text = JSON.stringify(canonicalItem())
    assert.equal((await ingest.post(text, headers)).json().accepted, 1)
    assert.equal((await ingest.post(`\ufeff${text}`, headers)).json().duplicates, 1)
  })
}

test('202: without a content type, over HTTP', async (t) => {
  const { server } = await startIngest(t)
  const origin = await server.listen({ port: 0, host: '127.0.0.1' })
  const response = await fetch(`${origin}${webhookPath}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: Buffer.from(JSON.stringify(canonicalItem())),
  })
  assert.equal(response.status, 202)
  assert.deepEqual(await response.json(), { accepted: 1, duplicates: 0, ignored: 0, rejected: [] })
})

test('202: an invalid NDJSON line is rejected alone, and the same events as an array are duplicates', async (t) => {
  const ingest = await startIngest(t)
  const events = [canonicalItem({ mark: 1 }), canonicalItem({ mark: 2 })]
  const text = `${JSON.stringify(events[0])}\r\n\r\n{"a":\r\n${JSON.stringify(events[1])}`
  const response = await ingest.post(text, { 'content-type': 'application/x-ndjson' })
  assert.equal(response.statusCode, 202)
  assert.deepEqual(response.json(), {
    accepted: 2,
    duplicates: 0,
    ignored: 0,
    rejected: [{ index: 1, code: 'invalid_event', message: 'must be JSON' }],
  })
  assert.equal((await ingest.post(events)).json().duplicates, 2)
  assert.equal((await ingest.post(JSON.stringify(JSON.stringify(events)))).json().duplicates, 2)
})

test('a partly rejected request is logged with its fields, a wholly rejected one only as refused', async (t) => {
  const ingest = await startIngest(t)
  const invalid = canonicalItem({ conversationId: 'a/b' })
  await ingest.post([canonicalItem(), invalid])
  const [partly] = ingest.log.entries().filter(({ level }) => level === 'warn')
  assert.deepEqual(
    [partly?.msg, partly?.code, partly?.rejected, partly?.fields, partly?.from],
    ['events rejected', 'invalid_event', 1, ['conversationId'], '127.0.0.1'],
  )
  assert.equal((await ingest.post([invalid])).statusCode, 422)
  const warnings = ingest.log.entries().filter(({ level }) => level === 'warn')
  assert.deepEqual(
    warnings.map(({ msg }) => msg),
    ['events rejected', 'request refused'],
  )
})

test('extra slashes in the path are ignored for every method', async (t) => {
  const { server } = await startIngest(t)
  for (const url of [
    '/webhooks/genesys/',
    '//webhooks/genesys',
    '/webhooks//genesys',
    '///webhooks//genesys//?a=/b//c/',
  ]) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const ask = async (method: 'POST' | 'GET' | 'PUT' | 'OPTIONS') =>
      (await server.inject({ method, url, headers, ...(method === 'POST' && { payload: canonicalItem() }) }))
        .statusCode
    assert.deepEqual(
      [await ask('POST'), await ask('GET'), await ask('PUT'), await ask('OPTIONS')],
      [202, 405, 405, 204],
      url,
    )
  }
  for (const url of ['/webhooks/genesys/x', '/webhooks', '/', '//', '/webhooks%2Fgenesys'])
    assert.equal((await server.inject({ method: 'POST', url })).statusCode, 404, url)
})

test('202: a CloudEvent is the same event in every content mode', async (t) => {
  const ingest = await startIngest(t)
  const item = cloudEvent(canonicalItem())
  const encoded = Buffer.from(JSON.stringify(canonicalItem())).toString('base64')
  const requests = [
    [item, structured],
    [canonicalItem(), binary],
    [
      canonicalItem(),
      { ...binary, 'ce-source': 'https:%2F%2Fbroker.example.com/genesys', 'ce-subject': 's' },
    ],
    [item, {}],
    [[item, item], {}],
    [[item], batched],
    [cloudEvent(undefined, { data_base64: encoded }), structured],
  ] as const
  const answers: { accepted: number; duplicates: number }[] = []
  for (const [body, headers] of requests) {
    const response = await ingest.post(body, headers)
    assert.equal(response.statusCode, 202, response.body)
    answers.push(response.json())
  }
  assert.deepEqual(
    answers.map(({ accepted, duplicates }) => [accepted, duplicates]),
    [
      [1, 0],
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 2],
      [0, 1],
      [0, 1],
    ],
  )
  const next = await ingest.post(canonicalItem(), { ...binary, 'ce-id': 'ce-2' })
  assert.equal(next.json().accepted, 1)
  assert.equal(await pending(ingest), 2)
})

test('202: a snapshot in a CloudEvent yields one event per participant, and all count against MAX_BATCH', async (t) => {
  const rules = rulesOf(oneRule('on: [routing.queues.conversations], set: { seen: true }'))
  const ingest = await startIngest(t, { rules, maxBatch: 3 })
  const snapshot = fixture('notification-queue-conversation')
  assert.equal((await ingest.post(cloudEvent(snapshot), structured)).json().accepted, 2)
  assert.equal((await ingest.post(snapshot, binary)).json().duplicates, 2)
  const two = [cloudEvent(snapshot, { id: 'ce-2' }), cloudEvent(snapshot, { id: 'ce-3' })]
  assert.equal(problemOf(await ingest.post(two, batched)), 'batch_too_large')
})

test('202: a CloudEvents batch reports each item', async (t) => {
  const ingest = await startIngest(t, { maxBatch: 3 })
  const batch = [
    cloudEvent(canonicalItem()),
    cloudEvent(fixture('notification-heartbeat')),
    cloudEvent(canonicalItem({ conversationId: 'a/b' })),
  ]
  assert.deepEqual((await ingest.post(batch, batched)).json(), {
    accepted: 1,
    duplicates: 0,
    ignored: 1,
    rejected: [
      {
        index: 2,
        code: 'invalid_event',
        message:
          'data.conversationId must be 1 to 128 characters of A-Z a-z 0-9 _ -, but has other characters',
      },
    ],
  })
  const response = await ingest.post([...batch, null], batched)
  assert.equal(problemOf(response), 'batch_too_large')
})

test('202 is sent only after the inbox has stored the events', async (t) => {
  let stored: (() => void) | undefined
  const reached = Promise.withResolvers<void>()
  const ingest = await startIngest(t, {
    wrapInbox: (inbox) => ({
      ...inbox,
      append: (events) => {
        reached.resolve()
        return new Promise((resolve, reject) => {
          stored = () => void inbox.append(events).then(resolve, reject)
        })
      },
    }),
  })
  let answered = false
  const response = ingest.post(canonicalItem()).then((answer) => {
    answered = true
    return answer
  })
  await reached.promise
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(answered, false)
  stored?.()
  assert.equal((await response).statusCode, 202)
})

test('400: the body is not JSON', async (t) => {
  const ingest = await startIngest(t)
  for (const body of ['', '{', 'hello', '{"a":1}}']) {
    const response = await ingest.post(body)
    assert.equal(response.statusCode, 400)
    assert.equal(problemOf(response), 'invalid_json')
  }
})

test('401: the response does not reveal the cause', async (t) => {
  const jwt = async () => ({ accepted: false, cause: 'the token has expired' }) as const
  const auth = { secrets: ['key'], tokens: [token], hmacHeader: 'x-relay-signature', jwt }
  const ingest = await startIngest(t, { auth, now: () => now })
  const body = JSON.stringify(canonicalItem())
  const signed = (timestamp: number, key: string) => ({
    'webhook-id': 'w-1',
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${createHmac('sha256', key).update(`w-1.${timestamp}.${body}`).digest('base64')}`,
  })
  const causes: Record<string, Record<string, string>> = {
    'no credential': {},
    'wrong bearer token': { authorization: 'Bearer wrong' },
    'wrong API key': { 'x-api-key': 'wrong' },
    'wrong password': { authorization: `Basic ${Buffer.from('a:wrong').toString('base64')}` },
    'wrong signature': signed(now / 1000, 'wrong'),
    'old timestamp': signed(now / 1000 - 301, 'key'),
    'future timestamp': signed(now / 1000 + 301, 'key'),
    'half the headers': { 'webhook-signature': 'v1,x' },
    'half the headers of Svix': { 'svix-signature': 'v1,x' },
    'another signature': { 'x-relay-signature': '0'.repeat(64) },
    'another signature with an old time': {
      'x-relay-signature': `t=${now / 1000 - 301},v1=${'0'.repeat(64)}`,
    },
    'wrong access key': { 'x-amz-firehose-access-key': 'wrong' },
    'wrong JWT': { authorization: 'Bearer a.b.c' },
    'wrong hub signature': { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` },
  }
  const bodies = new Set<string>()
  for (const [cause, headers] of Object.entries(causes)) {
    const response = await ingest.post(body, { authorization: '', ...headers })
    assert.equal(response.statusCode, 401, cause)
    assert.equal(problemOf(response), 'unauthorized')
    assert.equal(response.headers['www-authenticate'], 'Bearer')
    const { requestId, ...rest } = response.json()
    bodies.add(JSON.stringify(rest))
  }
  assert.equal(bodies.size, 1)
  assert.equal(await pending(ingest), 0)
  const logged = new Set(ingest.log.entries().map(({ cause }) => cause))
  assert.ok(logged.size >= 8, 'the log has the causes')
  assert.equal((await ingest.post(body, { authorization: '', ...signed(now / 1000, 'key') })).statusCode, 202)
})

test('401 takes precedence over an invalid body', async (t) => {
  const ingest = await startIngest(t)
  assert.equal((await ingest.post('{', { authorization: 'Bearer wrong' })).statusCode, 401)
})

test('without authentication, every request is accepted', async (t) => {
  const ingest = await startIngest(t, { auth: { auth: 'none' } })
  assert.equal((await ingest.post(canonicalItem(), { authorization: '' })).statusCode, 202)
})

test('405 with Allow for every other method', async (t) => {
  const { server } = await startIngest(t)
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const) {
    const response = await server.inject({ method, url: webhookPath })
    assert.equal(response.statusCode, 405, method)
    assert.equal(response.headers.allow, 'POST')
    if (method !== 'HEAD') assert.equal(problemOf(response), 'method_not_allowed')
  }
  const withBody = {
    method: 'PUT',
    url: webhookPath,
    headers: { 'content-type': 'text/xml' },
    payload: '<a/>',
  } as const
  assert.equal((await server.inject(withBody)).statusCode, 405)
})

test('OPTIONS grants the handshake without credentials; without an origin it only returns Allow', async (t) => {
  const { server } = await startIngest(t, { draining: () => true })
  const ask = (headers: Record<string, string>) =>
    server.inject({ method: 'OPTIONS', url: webhookPath, headers })
  const granted = await ask({
    'webhook-request-origin': 'eventgrid.azure.net',
    'webhook-request-rate': '120',
  })
  assert.equal(granted.statusCode, 200)
  assert.equal(granted.headers['webhook-allowed-origin'], 'eventgrid.azure.net')
  assert.equal(granted.headers['webhook-allowed-rate'], '*')
  assert.equal(granted.headers.allow, 'POST')
  assert.equal(granted.body, '')
  const other = await ask({ origin: 'https://example.com' })
  assert.equal(other.statusCode, 204)
  assert.equal(other.headers.allow, 'POST')
  assert.equal(other.headers['webhook-allowed-origin'], undefined)
})

test('413: a body one byte over the limit; at the limit it is accepted', async (t) => {
  const maxBodyBytes = 1_000
  const ingest = await startIngest(t, { maxBodyBytes })
  const padded = (bytes: number) => {
    const empty = JSON.stringify(canonicalItem({ padding: '' }))
    return JSON.stringify(canonicalItem({ padding: 'x'.repeat(bytes - empty.length) }))
  }
  assert.equal((await ingest.post(padded(maxBodyBytes))).statusCode, 202)
  const response = await ingest.post(padded(maxBodyBytes + 1))
  assert.equal(response.statusCode, 413)
  assert.equal(problemOf(response), 'payload_too_large')
})

test('413: a batch one event over the limit stores nothing', async (t) => {
  const ingest = await startIngest(t, { maxBatch: 3 })
  assert.equal((await ingest.post(numbered(3))).statusCode, 202)
  const response = await ingest.post(numbered(4, { participantId: 'another' }))
  assert.equal(response.statusCode, 413)
  assert.equal(problemOf(response), 'batch_too_large')
  assert.match(response.json().detail, /4 events, at most 3/)
  assert.equal(await pending(ingest), 3)
})

test('415: unsupported content types and encodings', async (t) => {
  const ingest = await startIngest(t)
  for (const headers of [
    { 'content-type': 'text/html' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'multipart/form-data; boundary=x' },
    { 'content-type': 'application' },
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    { 'content-type': 'application/cloudevents+avro' },
    { 'content-type': 'application/xml', ...binary },
  ]) {
    const response = await ingest.post(canonicalItem(), headers)
    assert.equal(response.statusCode, 415, JSON.stringify(headers))
    assert.equal(problemOf(response), 'unsupported_media_type')
  }
})

test('422: errors[] has index, path and message of every problem', async (t) => {
  const ingest = await startIngest(t)
  const response = await ingest.post([
    5,
    { type: 'conversation:created', conversationId: '', participantId: '' },
  ])
  assert.equal(response.statusCode, 422)
  assert.equal(problemOf(response), 'no_acceptable_event')
  const message = 'must be 1 to 128 characters of A-Z a-z 0-9 _ -'
  assert.deepEqual(response.json().errors, [
    { index: 0, path: '', message: 'must be an object, but is a number' },
    { index: 1, path: 'conversationId', message: `${message}, but is empty` },
    { index: 1, path: 'participantId', message: `${message}, but is empty` },
  ])
  assert.equal(ingest.totals.rejected, 2)
})

test('422: errors in a CloudEvent have their path in every content mode', async (t) => {
  const ingest = await startIngest(t)
  const wrong = canonicalItem({ conversationId: 'a/b' })
  for (const [body, headers, path] of [
    [cloudEvent(wrong), structured, 'data.conversationId'],
    [[cloudEvent(wrong)], batched, 'data.conversationId'],
    [wrong, binary, 'data.conversationId'],
    [cloudEvent('text'), structured, 'data'],
    [[canonicalItem(), canonicalItem()], binary, 'data'],
  ] as const) {
    const response = await ingest.post(body, headers)
    assert.equal(problemOf(response), 'no_acceptable_event')
    const [error, ...more] = response.json().errors
    assert.deepEqual([error.index, error.path, more], [0, path, []], response.body)
  }
  assert.equal(await pending(ingest), 0)
})

test('422: an empty batch', async (t) => {
  const response = await (await startIngest(t)).post('[]')
  assert.equal(response.statusCode, 422)
  assert.deepEqual(response.json().errors, [])
})

test('503 with Retry-After when the inbox is full; the request stores nothing', async (t) => {
  const ingest = await startIngest(t, { maxPending: 2, random: () => 0.999 })
  assert.equal((await ingest.post(canonicalItem({ id: 'first' }))).statusCode, 202)
  const response = await ingest.post(numbered(2))
  assert.equal(response.statusCode, 503)
  assert.equal(problemOf(response), 'inbox_full')
  assert.equal(response.headers['retry-after'], '15')
  assert.equal(await pending(ingest), 1)
  assert.equal(ingest.totals.accepted, 1)
  assert.equal(
    (await ingest.post(canonicalItem({ id: 'second' }))).statusCode,
    202,
    'a request that fits is accepted',
  )
  assert.equal((await ingest.post(canonicalItem({ id: 'second' }))).json().duplicates, 1)
})

test('503 while draining, before credentials are checked', async (t) => {
  let draining = false
  const ingest = await startIngest(t, { draining: () => draining, random: () => 0 })
  assert.equal((await ingest.post(canonicalItem())).statusCode, 202)
  draining = true
  const response = await ingest.post(canonicalItem({ id: 'late' }))
  assert.equal(response.statusCode, 503)
  assert.equal(problemOf(response), 'shutting_down')
  assert.equal(response.headers['retry-after'], '5')
  assert.equal(await pending(ingest), 1)
})

test('a node that takes no events answers 503, before credentials are checked', async (t) => {
  const ingest = await startIngest(t, { takesEvents: false, random: () => 0 })
  const withBadToken = { authorization: 'Bearer wrong' }
  for (const response of [await ingest.post(canonicalItem()), await ingest.post('{', withBadToken)]) {
    assert.equal(response.statusCode, 503)
    assert.equal(problemOf(response), 'not_an_ingest_node')
    assert.equal(response.headers['retry-after'], '5')
  }
  assert.equal(await pending(ingest), 0)
})

test('503 with Retry-After when the store fails; the response does not reveal the cause', async (t) => {
  const failure = Object.assign(new Error('disk I/O error at /secret/path'), { code: 'SQLITE_IOERR' })
  const wrapInbox = (inbox: IngestServer['inbox']) => ({ ...inbox, append: () => Promise.reject(failure) })
  const ingest = await startIngest(t, { wrapInbox })
  const response = await ingest.post(canonicalItem())
  assert.equal(response.statusCode, 503)
  assert.equal(problemOf(response), 'store_unavailable')
  assert.match(String(response.headers['retry-after']), /^\d+$/)
  assert.doesNotMatch(response.body, /secret/)
  assert.equal(ingest.totals.accepted, 0)
  const [entry] = ingest.log.entries().filter(({ code }) => code === 'store_unavailable')
  assert.equal((entry?.err as { code?: string } | undefined)?.code, 'SQLITE_IOERR')
})

test('500 for an error that does not come from the store, because it may never go away', async (t) => {
  const wrapInbox = (inbox: IngestServer['inbox']) => ({
    ...inbox,
    append: () => Promise.reject(new TypeError('a bug with a secret')),
  })
  const ingest = await startIngest(t, { wrapInbox })
  const response = await ingest.post(canonicalItem())
  assert.equal(response.statusCode, 500)
  assert.equal(problemOf(response), 'internal_error')
  assert.equal(response.headers['retry-after'], undefined)
  assert.doesNotMatch(response.body, /secret/)
  assert.equal(ingest.log.entries().filter(({ code }) => code === 'internal_error').length, 1)
})

test('413 for more new events than may ever be pending', async (t) => {
  const ingest = await startIngest(t, { maxPending: 2 })
  const response = await ingest.post([1, 2, 3].map((n) => canonicalItem({ id: `event-${n}` })))
  assert.equal(response.statusCode, 413)
  assert.equal(problemOf(response), 'batch_too_large')
  assert.match(response.json().detail, /INBOX_MAX_PENDING/)
  assert.equal(await pending(ingest), 0)
})

test('422 for an empty array names the cause', async (t) => {
  const ingest = await startIngest(t)
  const response = await ingest.post([])
  assert.equal(response.statusCode, 422)
  assert.match(response.json().detail, /The body has no events/)
})

test('a request with only ignored items does not use the store', async (t) => {
  const wrapInbox = (inbox: IngestServer['inbox']) => ({
    ...inbox,
    append: () => Promise.reject(new Error('broken')),
  })
  const ingest = await startIngest(t, { wrapInbox })
  assert.equal((await ingest.post(fixture('notification-heartbeat'))).statusCode, 202)
})

test('reloaded rules apply to the next request', async (t) => {
  let listens = false
  const none = rulesOf('version: 1\nrules: []\n')
  const created = rulesOf(oneRule('on: [conversation:created], set: { a: b }'))
  const rules = {
    ...created,
    subscribes: (event: never) => (listens ? created : none).subscribes(event),
  }
  const ingest = await startIngest(t, { rules })
  assert.equal((await ingest.post(canonicalItem())).json().ignored, 1)
  listens = true
  assert.equal((await ingest.post(canonicalItem())).json().accepted, 1)
})

test('event values and credentials never reach the log', async (t) => {
  const ingest = await startIngest(t, { auth: { secrets: ['hush-secret'], tokens: [token] } })
  const event = canonicalItem({
    participant: { purpose: 'customer', address: 'tel:hush-address', attributes: { tier: 'hush-tier' } },
    attributes: { pin: 'hush-pin' },
    note: 'hush-note',
  })
  await ingest.post([event, { ...event, conversationId: 'hush/id' }])
  await ingest.post([{ ...event, conversationId: 'hush/id' }])
  await ingest.post(event, { authorization: 'Bearer hush-token', 'x-api-key': 'hush-api-key' })
  await ingest.post('{"hush-json":', { 'content-type': 'application/json' })
  await ingest.post(event, { 'content-type': 'hush/type' })
  assert.ok(ingest.log.entries().length >= 3)
  assert.doesNotMatch(ingest.log.text(), /hush/)
  assert.ok(!ingest.log.text().includes(token))
})

test('property: no random request gets a 5xx', {
  timeout: 300_000,
}, async (t) => {
  const rules = rulesOf(
    oneRule(
      'on: [conversation:created, conversation:updated], when: participant.purpose == "customer", set: { a: "${event.body.mark}" }',
    ),
  )
  const ingest = await startIngest(t, {
    auth: { secrets: ['key'], tokens: [token] },
    maxBodyBytes: 4_000,
    maxBatch: 20,
    rules,
  })
  const value = fc.string({ unit: 'grapheme-ascii', maxLength: 30 })
  const headers = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Record<string, string>>({}) },
    { weight: 1, arbitrary: fc.constantFrom<Record<string, string>>(structured, batched, binary) },
    { weight: 1, arbitrary: fc.record({ ...constants(binary), 'ce-id': value, 'ce-time': value }) },
    {
      weight: 2,
      arbitrary: fc.dictionary(
        fc.constantFrom(
          'content-type',
          'content-encoding',
          'authorization',
          'x-api-key',
          'webhook-id',
          'webhook-timestamp',
          'webhook-signature',
          'x-hub-signature-256',
          'accept',
          'ce-id',
          'ce-time',
        ),
        value,
        { maxKeys: 4 },
      ),
    },
  )
  const body = fc.oneof(
    { weight: 4, arbitrary: anyItem.map((item) => JSON.stringify(item)) },
    { weight: 2, arbitrary: fc.array(anyItem, { maxLength: 22 }).map((items) => JSON.stringify(items)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.string({ maxLength: 100 }) },
  )
  const statuses = new Map<number, number>()
  const requests = fc.array(fc.record({ headers, body }), { minLength: 30, maxLength: 30, size: 'max' })
  await fc.assert(
    fc.asyncProperty(requests, async (group) => {
      const responses = await Promise.all(group.map(({ headers, body }) => ingest.post(body, headers)))
      for (const response of responses) {
        statuses.set(response.statusCode, (statuses.get(response.statusCode) ?? 0) + 1)
        assert.ok(response.statusCode < 500, `${response.statusCode} ${response.body}`)
        if (response.statusCode === 202) {
          const { accepted, duplicates, ignored } = response.json()
          assert.ok(accepted + duplicates + ignored > 0)
        } else problemOf(response)
      }
    }),
    { numRuns: rounds(100) },
  )
  assert.deepEqual([...statuses.keys()].sort(), [202, 400, 401, 413, 415, 422], JSON.stringify([...statuses]))
  assert.equal(await pending(ingest), ingest.totals.accepted)
})

for (const webhookId of ['', ' ', '${input.id}']) {
  test(`the webhook-id ${JSON.stringify(webhookId)} is not used as identity`, async (t) => {
    const { post } = await startIngest(t)
    const answers: unknown[] = []
    for (const participantId of ['p-1', 'p-2']) {
      const item = canonicalItem({ id: undefined, participantId })
      answers.push((await post(item, { 'webhook-id': webhookId })).json())
    }
    assert.deepEqual(
      answers.map((answer) => (answer as { accepted: number }).accepted),
      [1, 1],
    )
  })
}

test('a delivery has the id that its signature covers, else webhook-id or svix-id; a signature without id has none', async (t) => {
  const jwt = async () => ({ accepted: true, scheme: 'jwt', position: 1 }) as const
  const { post } = await startIngest(t, {
    auth: { secrets: ['key'], tokens: [token], hmacHeader: 'x-relay-signature', jwt },
    now: () => now,
  })
  const body = JSON.stringify({ type: 'conversation:created', conversationId: 'c', participantId: 'p' })
  const bodySignature = `sha256=${createHmac('sha256', 'key').update(body).digest('hex')}`
  const svix = (id: string) => ({
    authorization: '',
    'svix-id': id,
    'svix-timestamp': String(now / 1000),
    'svix-signature': `v1,${createHmac('sha256', 'key')
      .update(`${id}.${now / 1000}.${body}`)
      .digest('base64')}`,
  })
  const result = async (headers: Record<string, string>) => {
    const { accepted, duplicates } = (await post(body, headers)).json()
    return [accepted, duplicates]
  }
  assert.deepEqual(await result(svix('1')), [1, 0])
  assert.deepEqual(await result(svix('2')), [1, 0])
  assert.deepEqual(await result({ ...svix('1'), 'webhook-id': 'not signed' }), [0, 1])
  assert.deepEqual(await result({ 'webhook-id': '1' }), [0, 1])
  assert.deepEqual(await result({ 'svix-id': '3' }), [1, 0])
  assert.deepEqual(await result({ authorization: 'Bearer a.b.c', 'webhook-id': '4' }), [1, 0])
  assert.deepEqual(
    await result({ authorization: '', 'x-relay-signature': bodySignature, 'webhook-id': '5' }),
    [1, 0],
  )
  assert.deepEqual(
    await result({ authorization: '', 'x-relay-signature': bodySignature, 'webhook-id': '6' }),
    [0, 1],
  )
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('callers of one turn continue together after its end, in the order of the calls', async () => {
  const endOfTurn = createEndOfTurn()
  const seen: string[] = []
  const ask = async (name: string) => {
    await endOfTurn()
    seen.push(name)
  }
  const asked = [ask('first'), ask('second')]
  await Promise.resolve().then(() => asked.push(ask('of the same turn')))
  assert.deepEqual(seen, [])
  await Promise.all(asked)
  assert.deepEqual(seen, ['first', 'second', 'of the same turn'])
})

test('each turn has its own end', async () => {
  const endOfTurn = createEndOfTurn()
  const first = endOfTurn()
  await turn()
  const second = endOfTurn()
  assert.notEqual(second, first)
  await second
})

test('an origin is allowed by name and at any rate', () => {
  const headers = {
    'webhook-request-origin': 'eventgrid.azure.net',
    'webhook-request-rate': '120',
    'webhook-request-callback': 'https://rp-eastus.eventgrid.azure.net/confirm?id=1',
  }
  assert.deepEqual(answerHandshake(headers), {
    status: 200,
    headers: {
      allow: 'POST',
      'webhook-allowed-origin': 'eventgrid.azure.net',
      'webhook-allowed-rate': '*',
    },
  })
})

test('without an origin, the answer has Allow but no permission', () => {
  for (const origin of [undefined, '', 'a b', 'x'.repeat(254), 'caf\u00e9'])
    assert.deepEqual(answerHandshake({ 'webhook-request-origin': origin }), {
      status: 204,
      headers: { allow: 'POST' },
    })
})
