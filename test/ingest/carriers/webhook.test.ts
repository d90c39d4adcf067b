import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webhookPath } from '../../../src/ingest/ingest.ts'
import {
  asGzip,
  asText,
  eventGrid,
  firehose,
  pubsub,
  records,
  sns,
  sqsRecord,
  subscriptionConfirmation,
} from '../../helpers/carriers.ts'
import { canonicalItem } from '../../helpers/events.ts'
import { startIngest } from '../../helpers/ingest-server.ts'
import { until } from '../../helpers/wait.ts'

const now = 1_770_000_000_000
const firehoseHeaders = {
  'x-amz-firehose-protocol-version': '1.0',
  'x-amz-firehose-request-id': 'ed4acda5-034f-9f42-bba1-f29aea6d7d8f',
}
const requestId = firehoseHeaders['x-amz-firehose-request-id']

test('SNS posts its messages as text', async (t) => {
  const { post, details } = await startIngest(t)
  const answer = await post(asText(sns(canonicalItem())), { 'content-type': 'text/plain; charset=UTF-8' })
  assert.equal(answer.statusCode, 202)
  assert.deepEqual(answer.json(), { accepted: 1, duplicates: 0, ignored: 0, rejected: [] })
  assert.equal(details.carriers.get('sns'), 1)
})

test('a message that cannot be read is rejected alone, with index, code and the field', async (t) => {
  const { post } = await startIngest(t)
  const body = records(sqsRecord(canonicalItem()), sqsRecord('not json', 2))
  const expected = [
    { index: 1, code: 'invalid_event', message: 'Records[1].body is not JSON: send the event as JSON text' },
  ]
  assert.deepEqual((await post(body)).json(), { accepted: 1, duplicates: 0, ignored: 0, rejected: expected })
  const again = await post(body)
  assert.deepEqual([again.statusCode, again.json().duplicates], [202, 1])
  const onlyBad = await post(records(sqsRecord('not json')))
  assert.equal(onlyBad.statusCode, 422)
  assert.deepEqual(onlyBad.json().errors, [
    { index: 0, path: 'Records[0].body', message: 'is not JSON: send the event as JSON text' },
  ])
})

test('MAX_BATCH counts the items in carriers, and nothing is stored beyond it', async (t) => {
  const { post, totals } = await startIngest(t, { maxBatch: 3 })
  const of = (count: number) =>
    Array.from({ length: count }, (_, n) => sqsRecord(canonicalItem({ id: `e${n}` })))
  const tooMany = await post(records(...of(4)))
  assert.deepEqual([tooMany.statusCode, tooMany.json().code], [413, 'batch_too_large'])
  assert.match(tooMany.json().detail, /^4 or more events, at most 3\./)
  assert.equal((await post(sns(Array.from({ length: 4 }, () => canonicalItem())))).statusCode, 413)
  assert.equal(totals.accepted, 0)
  assert.equal((await post(records(...of(3)))).json().accepted, 3)
})

test('a request with empty records, or only test messages, is acknowledged', async (t) => {
  const { post } = await startIngest(t)
  for (const body of [records(), { Service: 'Amazon S3', Event: 's3:TestEvent' }]) {
    const answer = await post(body)
    assert.deepEqual([answer.statusCode, answer.json().ignored], [202, 1])
  }
})

test('SNS: a confirmation is passed on and acknowledged at once; the end of a subscription is ignored', async (t) => {
  const seen: unknown[] = []
  const { post } = await startIngest(t, { confirmSubscription: (message) => seen.push(message) })
  const message = subscriptionConfirmation()
  const answer = await post(asText(message), { 'content-type': 'text/plain' })
  assert.deepEqual([answer.statusCode, answer.json().ignored], [202, 1])
  assert.deepEqual(seen, [message])
  const ended = await post(subscriptionConfirmation({ Type: 'UnsubscribeConfirmation' }))
  assert.deepEqual([ended.statusCode, ended.json().ignored, seen.length], [202, 1, 1])
})

const validation = eventGrid(
  { validationCode: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6', validationUrl: 'https://example.com' },
  { eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', subject: '', dataVersion: '2' },
)

test('Event Grid: the handshake is answered with the code, alone or in an array', async (t) => {
  const { post, totals } = await startIngest(t)
  for (const body of [[validation], validation]) {
    const answer = await post(body, { 'aeg-event-type': 'SubscriptionValidation' })
    assert.equal(answer.statusCode, 200)
    assert.match(String(answer.headers['content-type']), /^application\/json/)
    assert.deepEqual(answer.json(), { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' })
  }
  assert.equal(totals.ignored, 0)
})

test('Event Grid: a stranger gets no answer to the handshake', async (t) => {
  const { post } = await startIngest(t)
  assert.equal((await post([validation], { authorization: 'Bearer wrong' })).statusCode, 401)
})

test('Event Grid: the CloudEvents handshake by OPTIONS is answered', async (t) => {
  const { server } = await startIngest(t)
  const answer = await server.inject({
    method: 'OPTIONS',
    url: webhookPath,
    headers: { 'webhook-request-origin': 'eventgrid.azure.net', 'webhook-request-rate': '120' },
  })
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['webhook-allowed-origin'], 'eventgrid.azure.net')
  assert.equal(answer.headers['webhook-allowed-rate'], '*')
})

test('Firehose gets its own answer', async (t) => {
  const { post, totals } = await startIngest(t)
  const answer = await post(firehose(canonicalItem({ id: '1' }), canonicalItem({ id: '2' })), firehoseHeaders)
  assert.equal(answer.statusCode, 200)
  assert.match(String(answer.headers['content-type']), /^application\/json/)
  assert.deepEqual(answer.json(), { requestId, timestamp: now })
  assert.equal(totals.accepted, 2)
})

test('Firehose: a request without its headers is recognised by its body', async (t) => {
  const { post } = await startIngest(t)
  const answer = await post(firehose(canonicalItem()))
  assert.deepEqual([answer.statusCode, answer.json()], [200, { requestId, timestamp: now }])
  const refused = await post(firehose('x'))
  assert.equal(refused.statusCode, 422)
  assert.match(refused.json().errorMessage, /records\[0\]\.data is not JSON/)
})

test('an event that has the fields of Firehose too gets the usual answer', async (t) => {
  const { post } = await startIngest(t)
  const answer = await post(canonicalItem({ requestId, records: [{ data: 1 }] }))
  assert.deepEqual([answer.statusCode, answer.json().accepted], [202, 1])
})

test('a request whose messages unpack to more than MAX_BODY_BYTES is refused, and nothing is stored', async (t) => {
  const { post, totals } = await startIngest(t, { maxBodyBytes: 1_000 })
  const large = canonicalItem({ id: '1', pad: ' '.repeat(1_000) })
  const body = [pubsub(canonicalItem({ id: '2' })), { message: { data: asGzip(large), messageId: '1' } }]
  const answer = await post(body)
  assert.deepEqual([answer.statusCode, answer.json().code], [413, 'payload_too_large'])
  assert.match(answer.json().detail, /^Its messages unpack to more than 1000 bytes, or more than 10 have/)
  assert.equal(totals.accepted, 0)
})

test('unpacked messages count against the memory limit until they are stored', async (t) => {
  const stored = Promise.withResolvers<void>()
  const { post, pressure, inbox, totals } = await startIngest(t, {
    pressure: { minHeldBytesLimit: 3_000_000 },
    maxBodyBytes: 500_000,
    wrapInbox: (real) => ({
      ...real,
      append: async (events) => {
        await stored.promise
        return real.append(events)
      },
    }),
  })
  const push = (n: number) => {
    const data = asGzip(canonicalItem({ id: `e${n}`, pad: ' '.repeat(400_000) }))
    return post({ message: { data, messageId: `m${n}` }, subscription: 's' })
  }
  const answers = Array.from({ length: 20 }, (_, n) => push(n))
  await until('requests are refused', () => pressure.status().refused.memory === 13)
  assert.ok(pressure.status().heldBytes <= 3_000_000)
  stored.resolve()
  const statuses = (await Promise.all(answers)).map(({ statusCode }) => statusCode)
  assert.equal(statuses.filter((status) => status === 202).length, 7)
  assert.equal(statuses.filter((status) => status === 503).length, 13)
  assert.equal((await inbox.stats()).pending, 7)
  assert.equal(totals.accepted, 7)
  await until('the memory is released', () => pressure.status().heldBytes === 0)
})

for (const [name, options, body, status, message] of [
  [
    'a wrong credential',
    { auth: { tokens: ['another-token'] } },
    firehose(canonicalItem()),
    401,
    /No accepted credential/,
  ],
  [
    'a service that is shutting down',
    { draining: () => true },
    firehose(canonicalItem()),
    503,
    /shutting down/,
  ],
  ['too many records', { maxBatch: 1 }, firehose('{}', '{}'), 413, /at most 1/],
  ['a body that is too large', { maxBodyBytes: 50 }, firehose(canonicalItem()), 413, /too large/],
  ['a body that is not JSON', {}, 'x', 400, /not JSON/],
] as const) {
  test(`Firehose: ${name} is answered in its form`, async (t) => {
    const { post } = await startIngest(t, options)
    const answer = await post(body, firehoseHeaders)
    assert.equal(answer.statusCode, status)
    assert.match(String(answer.headers['content-type']), /^application\/json/)
    const { errorMessage, ...rest } = answer.json()
    assert.deepEqual(rest, { requestId, timestamp: now })
    assert.match(errorMessage, message)
  })
}

test('Firehose: a full inbox is answered with Retry-After, in its form', async (t) => {
  const { post } = await startIngest(t, { maxPending: 1 })
  await post(canonicalItem({ id: 'first' }))
  const answer = await post(firehose(canonicalItem({ id: 'second' })), firehoseHeaders)
  assert.equal(answer.statusCode, 503)
  assert.ok(Number(answer.headers['retry-after']) >= 5)
  assert.match(answer.json().errorMessage, /The inbox is full/)
})

test('Eventarc: a Pub/Sub message in a CloudEvent in binary mode is read', async (t) => {
  const { post } = await startIngest(t)
  const attributes = {
    ...{
      'ce-specversion': '1.0',
      'ce-id': '2070443601311540',
      'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
    },
    'ce-source': '//pubsub.googleapis.com/projects/example/topics/genesys',
  }
  const answer = await post(pubsub(canonicalItem()), attributes)
  assert.deepEqual([answer.statusCode, answer.json().accepted], [202, 1])
})

test('lines of NDJSON may be carriers', async (t) => {
  const { post } = await startIngest(t)
  const lines = [sns(canonicalItem({ id: '1' })), canonicalItem({ id: '2' }), sns('x')].map(asText).join('\n')
  const answer = await post(lines, { 'content-type': 'application/x-ndjson' })
  assert.deepEqual([answer.json().accepted, answer.json().rejected[0].index], [2, 2])
})

test('the metric counts the messages only if the request is stored', async (t) => {
  const { post, details } = await startIngest(t, { maxPending: 1 })
  await post(pubsub(canonicalItem({ id: 'first' })))
  assert.equal((await post(pubsub(canonicalItem({ id: 'second' })))).statusCode, 503)
  await until('it is counted', () => details.carriers.get('pubsub') === 1)
})
