import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxDepth, openCarrier, openCarriers } from '../../../src/ingest/carriers/carriers.ts'
import {
  apiGatewayV1,
  asGzip,
  asText,
  eventGrid,
  everyCarrier,
  firehose,
  lambdaDestination,
  pubsub,
  records,
  sns,
  snsRecord,
  sqsRecord,
  type Wrap,
} from '../../helpers/carriers.ts'
import { canonicalItem, cloudEvent } from '../../helpers/events.ts'
import { conversationFixtures, fixture } from '../../helpers/fixtures.ts'
import { read } from './harness.ts'

const withoutIdentity = (body: unknown) => read(body).events.map(({ identity, ...event }) => event)

for (const [name, wrap] of Object.entries(everyCarrier)) {
  test(`${name}: every envelope inside is read as if it came alone`, () => {
    for (const envelope of conversationFixtures) {
      const { rejected, ignored, identities } = read(wrap(fixture(envelope), 1))
      assert.deepEqual([rejected, ignored], [[], 0], envelope)
      assert.deepEqual(withoutIdentity(wrap(fixture(envelope), 1)), withoutIdentity(fixture(envelope)))
      const own = read(fixture(envelope)).identities
      // A snapshot has no identity but its content.
      if (!own.some((identity) => identity.startsWith('body:'))) assert.deepEqual(identities, own, envelope)
    }
    const bare = canonicalItem()
    assert.deepEqual(withoutIdentity(wrap(bare, 1)), withoutIdentity(bare))
    assert.deepEqual(withoutIdentity(wrap(cloudEvent(bare), 1)), withoutIdentity(cloudEvent(bare)))
  })
}

const identified = Object.entries(everyCarrier).filter(([name]) => !name.startsWith('API Gateway'))
for (const [name, wrap] of identified) {
  test(`${name}: its message id identifies an event without an id, also if the content differs`, () => {
    const [first, again, other] = [canonicalItem(), canonicalItem({ note: 'changed' }), canonicalItem()].map(
      (item, n) => read(wrap(item, n < 2 ? 1 : 2)).identities[0],
    )
    assert.match(first ?? '', /^message:/)
    assert.equal(again, first)
    if (wrap.length > 1) assert.notEqual(other, first)
  })
}

test('API Gateway has no lasting id, so the content identifies the event', () => {
  assert.deepEqual(read(apiGatewayV1(canonicalItem())).identities, read(canonicalItem()).identities)
})

test('the id of an event comes before that of its carrier', () => {
  const body = sns(canonicalItem({ id: 'own' }))
  assert.deepEqual(read(body).identities, ['id:own'])
  const facts = { topic: 'user.start', occurredAt: 1767603600000, participantId: 'p' }
  const detail = {
    topicName: 'v2.detail.events.conversation.c.user.start',
    eventBody: { conversationId: 'c', participantId: 'p', sessionId: 's', eventTime: facts.occurredAt },
  }
  assert.deepEqual(read(sns(detail)).identities, read(detail).identities)
})

test('of nested carriers, the innermost with an id identifies the event', () => {
  const viaOneQueue = read(records(sqsRecord(sns(canonicalItem()), 1))).identities
  assert.deepEqual(read(records(sqsRecord(sns(canonicalItem()), 2))).identities, viaOneQueue)
  assert.deepEqual(read(sns(canonicalItem())).identities, viaOneQueue)
  const inside: Wrap = (item, n) => records(sqsRecord(apiGatewayV1(item), n))
  assert.notDeepEqual(
    read(inside(canonicalItem(), 1)).identities,
    read(inside(canonicalItem(), 2)).identities,
  )
})

test('several events of one message, and participants of a snapshot, have different identities', () => {
  const twice = read(sns([canonicalItem(), canonicalItem()])).identities
  assert.equal(new Set(twice).size, 2)
  const { eventBody, ...rest } = fixture('notification-queue-conversation')
  const participants = read(sns({ ...rest, eventBody })).identities
  assert.equal(new Set(participants).size, participants.length)
  const inLists = read([apiGatewayV1([canonicalItem({ a: 1 }), canonicalItem({ a: 2 })]), apiGatewayV1([])])
  assert.equal(new Set(inLists.identities).size, 2)
})

test('carriers are nested to a limited depth', () => {
  const wraps: readonly Wrap[] = [sns, sqsRecord, lambdaDestination, pubsub, apiGatewayV1]
  const nested = (depth: number) =>
    wraps.slice(0, depth).reduce((message: unknown, wrap) => wrap(message), canonicalItem())
  assert.equal(read(nested(maxDepth)).events.length, 1)
  assert.deepEqual(read(nested(maxDepth + 1)).rejected, [
    '0: body.message.data.requestPayload.body is in more than 4 carriers: send the event with fewer wrappers',
  ])
})

test('a carrier is found in at most two events around it', () => {
  const carrier = records(sqsRecord(canonicalItem()))
  const onBus = (detail: unknown) => ({ 'detail-type': 'x', source: 's', id: 'i', detail })
  for (const around of [cloudEvent, onBus]) {
    assert.equal(read(around(around(carrier))).events.length, 1)
    assert.equal(openCarrier(around(around(around(carrier)))), undefined)
  }
  assert.equal(read(cloudEvent(onBus(carrier))).events.length, 1)
})

test('a very long id of a message identifies it by its hash', () => {
  const long = (last: string) => `${'x'.repeat(100_000)}${last}`
  const longIds: readonly ((id: string) => Record<string, unknown>)[] = [
    (id) => ({ ...sns(canonicalItem()), MessageId: id }),
    (id) => ({ ...pubsub(canonicalItem()), subscription: id }),
    (id) => ({ ...firehose(canonicalItem()), requestId: id }),
    (id) => eventGrid(canonicalItem(), { topic: id }),
    (id) => ({
      ...cloudEvent({ messageType: 'DATA_MESSAGE', logEvents: [{ message: asText(canonicalItem()) }] }),
      source: id,
    }),
  ]
  for (const body of longIds) {
    const [entry] = openCarrier(body(long('1'))) ?? []
    assert.ok(entry?.kind === 'message' && entry.id !== undefined && entry.id.length < 1_000)
    assert.deepEqual(read(body(long('1'))).identities, read(body(long('1'))).identities)
    assert.notDeepEqual(read(body(long('1'))).identities, read(body(long('2'))).identities)
  }
})

test('up to 10 messages with corrupt gzip are rejected alone; with more, the request is refused', () => {
  const gzip = Buffer.from(asGzip(canonicalItem()), 'base64')
  gzip.writeUInt32LE(0, gzip.length - 8) // the checksum
  const corrupt = (count: number) => Array.from({ length: count }, () => ({ data: gzip.toString('base64') }))
  const body = (count: number) => ({
    ...firehose(),
    records: [...corrupt(count), { data: asGzip(canonicalItem()) }],
  })
  const { rejected, events } = read(body(10))
  assert.deepEqual([rejected.length, events.length], [10, 1])
  assert.equal(openCarriers([body(11)]).exceeds, 'unpacked_bytes')
})

test('an unreadable message is rejected alone, with its position in the outermost list', () => {
  const good = sqsRecord(canonicalItem())
  assert.deepEqual(read(records(good, sqsRecord('not json'), null, good)).rejected, [
    '1: Records[1].body is not JSON: send the event as JSON text',
    '2: Records[2] must be a record of SQS, SNS or Kinesis, as Lambda gets it',
  ])
  assert.deepEqual(read([good, sqsRecord(sns('{'))]).rejected, [
    '1: body.Message is not JSON: send the event as JSON text',
  ])
  assert.deepEqual(read([sns(canonicalItem()), records(good, sqsRecord('x'))]).rejected, [
    '1: Records[1].body is not JSON: send the event as JSON text',
  ])
  assert.deepEqual(read(sns([canonicalItem(), 5])).rejected, [
    '1: Message[1] must be an object, but is a number',
  ])
  assert.equal(read(records(good, sqsRecord('x'))).events.length, 1)
})

test('a problem of the event inside has the path from the body', () => {
  assert.deepEqual(read(records(snsRecord(canonicalItem({ conversationId: 'a/b' })))).rejected, [
    '0: Records[0].Sns.Message.conversationId must be 1 to 128 characters of A-Z a-z 0-9 _ -, but has other characters',
  ])
  const { eventBody, ...snapshot } = fixture('notification-queue-conversation')
  const one = { ...snapshot, eventBody: { ...(eventBody as object), participants: [{ id: 'p' }, null] } }
  assert.deepEqual(read(sns(one)).rejected, [
    '0: Message.eventBody.participants.1 must be an object, but is null',
  ])
})

test('an item beside a carrier keeps its index', () => {
  const { rejected, events } = read([
    records(sqsRecord(canonicalItem()), sqsRecord(canonicalItem())),
    { a: 1 },
  ])
  assert.equal(events.length, 2)
  assert.deepEqual(rejected.map((problem) => problem[0]).join(), '1,1')
})

test('JSON that was encoded twice, and a byte order mark, are read', () => {
  for (const message of [asText(canonicalItem()), `\uFEFF${asText(canonicalItem())}`]) {
    assert.equal(read(sns(message)).events.length, 1)
    assert.equal(read(sns(JSON.stringify(message.replace('\uFEFF', '')))).events.length, 1)
    assert.equal(read(pubsub(message)).events.length, 1)
  }
  assert.equal(read(sns([asText(canonicalItem())])).events.length, 1)
})

test('empty lists are ignored', () => {
  for (const body of [records(), firehose(), sns([])]) {
    const { ignored, rejected } = read(body)
    assert.deepEqual([ignored, rejected], [1, []], JSON.stringify(body))
  }
})

test('the messages of each carrier are counted', () => {
  const body = [records(sqsRecord(sns(canonicalItem()), 1), sqsRecord('x', 2)), eventGrid(canonicalItem())]
  assert.deepEqual(read(body).counts, { sqs: 2, sns: 1, event_grid: 1 })
  assert.deepEqual(read(canonicalItem()).counts, {})
})

test('the opening stops soon after the limit of items', () => {
  const many = records(...Array.from({ length: 1_000 }, () => sqsRecord([canonicalItem(), canonicalItem()])))
  const opened = openCarriers([many], { maxItems: 10 })
  assert.equal(opened.exceeds, 'items')
  assert.ok(opened.items.length < 15, String(opened.items.length))
  assert.equal(openCarriers([many], { maxItems: 2_000 }).exceeds, undefined)
})

test('items without carriers are returned as they are', () => {
  const items = [canonicalItem(), fixture('eventbridge-attributes'), cloudEvent(canonicalItem()), 5]
  assert.equal(openCarriers(items).items, items)
})
