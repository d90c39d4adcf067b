import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCarrier, openCarriers } from '../../../src/ingest/carriers/carriers.ts'
import { validationCodeIn } from '../../../src/ingest/carriers/event-grid.ts'
import { OpenedItem, readOpened } from '../../../src/ingest/carriers/opened-item.ts'
import { classifyItems } from '../../../src/ingest/classify-items.ts'
import { readEnvelope } from '../../../src/ingest/envelopes/envelopes.ts'
import {
  apiGatewayV1,
  asBase64,
  asGzip,
  asText,
  cloudwatchLogs,
  eventGrid,
  firehose,
  kinesisRecord,
  lambdaDestination,
  pubsub,
  records,
  sns,
  sqsRecord,
  subscriptionConfirmation,
} from '../../helpers/carriers.ts'
import { canonicalItem, cloudEvent } from '../../helpers/events.ts'
import { fixture } from '../../helpers/fixtures.ts'
import { mappingRules, rulesOf } from '../../helpers/rules.ts'
import { read } from './harness.ts'

const event = canonicalItem()
const onlyIgnored = (body: unknown): void => {
  const { ignored, rejected, events } = read(body)
  assert.deepEqual([ignored, rejected, events], [1, [], []], JSON.stringify(body))
}

test('SNS: a confirmation is returned and ignored, also inside other carriers', () => {
  const message = subscriptionConfirmation()
  onlyIgnored(message)
  assert.deepEqual(read(message).confirmations, [message])
  assert.deepEqual(read(records(sqsRecord(message))).confirmations, [message])
  assert.deepEqual(read(message).counts, { sns: 1 })
})

test('SNS: the message that somebody has unsubscribed is ignored', () => {
  onlyIgnored(subscriptionConfirmation({ Type: 'UnsubscribeConfirmation' }))
})

test('SNS: a subject and attributes of the message are not read', () => {
  assert.equal(
    read({ ...sns(event), Subject: 'x', MessageAttributes: { a: { Type: 'String', Value: 'b' } } }).events
      .length,
    1,
  )
})

test('SNS: an empty message and one that is no JSON are rejected', () => {
  assert.deepEqual(read(sns('')).rejected, ['0: Message is empty: send the event as JSON text'])
  assert.deepEqual(read(sns('hello')).rejected, ['0: Message is not JSON: send the event as JSON text'])
  assert.deepEqual(read({ ...sns(''), Message: 5 }).rejected, [
    '0: Message must be an event as JSON text, but is a number',
  ])
  assert.deepEqual(read(sns('"text"')).rejected, ['0: Message must be an object, but is text'])
})

test('records of other services and test messages of S3 are ignored', () => {
  onlyIgnored(records({ eventSource: 'aws:s3', s3: { object: { key: 'a' } } }))
  onlyIgnored(records({ eventSource: 'aws:dynamodb', dynamodb: {} }))
  onlyIgnored({ Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-01-05T09:00:00Z', Bucket: 'b' })
  onlyIgnored(sns({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' }))
  const mixed = read(records({ eventSource: 'aws:s3' }, sqsRecord(event)))
  assert.deepEqual([mixed.events.length, mixed.ignored], [1, 1])
})

test('SQS: a record is recognised without eventSource by its other fields', () => {
  const { eventSource: _, ...record } = sqsRecord(event)
  assert.equal(read(records(record)).events.length, 1)
  assert.equal(read([record]).events.length, 1)
})

test('carriers are recognised by their few necessary fields', () => {
  const data = asBase64(event)
  for (const body of [
    records({ messageId: '1', body: JSON.stringify(event) }),
    { message: { data, messageId: '1' } },
    { message: { data }, subscription: 's' },
    { requestId: '1', records: [{ data }] },
    { requestPayload: event, responsePayload: null },
    { body: data, isBase64Encoded: true },
  ])
    assert.equal(read(body).events.length, 1, JSON.stringify(body))
})

test('JSON of other senders with single fields of carriers is not taken for a carrier', () => {
  for (const item of [
    { messageId: '1', body: 'Hello', callId: 'c' },
    { message: { data: 'x' } },
    { message: 'x', subscription: 'gold' },
    { requestId: '1', records: [{ value: 5 }] },
    { Type: 'Notification', Message: 'x' },
    { requestContext: {}, body: 'x' },
    { requestPayload: {} },
    { eventType: 'call', data: { callId: '1' }, eventTime: '2026-01-05T09:00:00Z' },
    { Records: [{ callId: '1' }] },
    { Records: [], callId: '1' },
  ])
    assert.equal(openCarrier(item), undefined, JSON.stringify(item))
})

test('a mapping of the rules file reads items that were in a carrier', () => {
  const rules = rulesOf(`
version: 1
mappings:
  - { name: calls, when: has(body.callId), type: conversation:created, conversationId: "\${body.callId}" }
rules:
  - { name: all, on: [conversation:created], set: { a: b } }
`)
  const { items } = openCarriers([sns({ callId: 'call-1' })])
  const [found] = classifyItems(items, { rules, webhookId: undefined }).events
  assert.equal(found?.event.conversationId, 'call-1')
  assert.deepEqual(found?.event.body, { callId: 'call-1' })
})

test('Kinesis and Firehose: data compressed by gzip is read', () => {
  const compressed = { ...kinesisRecord(event), kinesis: { data: asGzip(event) } }
  assert.equal(read(records(compressed)).events.length, 1)
  assert.equal(
    read({ ...firehose(event), records: [{ data: asGzip(cloudwatchLogs(event, event)) }] }).events.length,
    2,
  )
})

const unpacked = (body: unknown, maxBytes: number) => openCarriers([body], { unpacked: { maxBytes } })
const bodyOf = (...data: string[]) => ({ ...firehose(), records: data.map((one) => ({ data: one })) })

test('the messages of a request, in base64 and gzip, unpack to a limited number of bytes together', () => {
  const { length } = JSON.stringify(event)
  for (const encode of [asBase64, asGzip]) {
    const body = bodyOf(encode(event), encode(event))
    assert.equal(unpacked(body, 2 * length).exceeds, undefined)
    assert.equal(unpacked(body, 2 * length - 1).exceeds, 'unpacked_bytes')
    const nested = pubsub(pubsub(event))
    assert.equal(unpacked(nested, 2 * length).exceeds, 'unpacked_bytes', 'each level counts')
  }
  const bomb = asGzip(' '.repeat(1_000_000))
  assert.equal(unpacked(bodyOf(bomb, asGzip(event)), 1_000).exceeds, 'unpacked_bytes')
  assert.equal(unpacked(bodyOf(asGzip('x'), asGzip('x')), 1).exceeds, 'unpacked_bytes')
})

test('unpacked bytes are held before they are read, and none are if they are refused', () => {
  const held: number[] = []
  const hold = (bytes: number) => held.push(bytes) === 1
  const body = bodyOf(asGzip(event), asGzip(event), asGzip(event))
  const { exceeds, items } = openCarriers([body], { unpacked: { hold } })
  assert.equal(exceeds, 'unpacked_bytes')
  assert.equal(items.length, 2, 'the opening stops')
  const { length } = JSON.stringify(event)
  assert.deepEqual(held, [length, length])
})

test('a message that unpacks to too many bytes, and damaged gzip, are rejected', () => {
  const tooMany = read(bodyOf(asGzip(' '.repeat(8_388_609))))
  assert.deepEqual(tooMany.rejected, [
    '0: records[0].data unpacks to too many bytes: send fewer events per request',
  ])
  assert.deepEqual(read(bodyOf(asGzip(event).slice(0, 40))).rejected, [
    '0: records[0].data is not valid gzip: send the JSON of the event in base64',
  ])
})

test('NDJSON in a message is read as from a queue of the service itself', () => {
  const lines = [canonicalItem({ id: 'l1' }), canonicalItem({ id: 'l2' })].map(asText).join('\n')
  for (const body of [records(sqsRecord(lines)), bodyOf(asBase64(lines)), bodyOf(asGzip(`${lines}\n`))])
    assert.deepEqual(read(body).identities, ['id:l1', 'id:l2'])
  assert.deepEqual(read(records(sqsRecord(`${lines}\nx`))).rejected, [
    '0: Records[0].body is not JSON: send the event as JSON text',
  ])
})

test('a record of SQS, SNS or Kinesis without its message is rejected, not ignored', () => {
  for (const [record, problem] of [
    [
      { eventSource: 'aws:sqs', messageId: '1' },
      'Records[0].body must be an event as JSON text, but is missing',
    ],
    [
      { eventSource: 'aws:kinesis', kinesis: { sequenceNumber: '1' } },
      'Records[0].kinesis.data must be an event as JSON in base64, but is missing',
    ],
    [
      { eventSource: 'aws:kinesis', eventID: '1' },
      'Records[0].data must be an event as JSON in base64, but is missing',
    ],
    [{ EventSource: 'aws:sns' }, 'Records[0].Sns must be the notification, as Lambda gets it'],
    [
      { EventSource: 'aws:sns', Sns: {} },
      'Records[0].Sns.Message must be an event as JSON text, but is missing',
    ],
  ] as const) {
    const { ignored, rejected } = read(records(record))
    assert.deepEqual([ignored, rejected], [0, [`0: ${problem}`]])
  }
})

test('SQS: a record with the names that SQS itself uses is read', () => {
  for (const source of [{ eventSource: 'aws:sqs' }, { EventSource: 'aws:sqs' }]) {
    const record = { ...source, MessageId: '1', Body: JSON.stringify(event) }
    const { events, identities } = read(records(record))
    assert.equal(events.length, 1)
    assert.match(identities[0] ?? '', /^message:/)
  }
})

test('a carrier in a CloudEvent is found in every form in which its data is read', () => {
  const formsOf = (carrier: unknown) =>
    [
      ['data', { data: carrier }],
      ['data', { data: asText(carrier) }],
      ['data', { data: [carrier] }],
      ['data_base64', { data_base64: asBase64(carrier) }],
    ] as const
  const attributes = { specversion: '1.0', id: '1', source: 's', type: 't' }
  for (const [, data] of formsOf(pubsub(event)))
    assert.deepEqual(read({ ...attributes, ...data }).identities, read(pubsub(event)).identities)
  for (const [path, data] of formsOf(pubsub('')))
    assert.deepEqual(read({ ...attributes, ...data }).rejected, [
      `0: ${path}.message.data is empty: send the event as JSON text`,
    ])
  const onBus = { 'detail-type': 'x', source: 'y', id: '1', detail: asText(pubsub(event)) }
  assert.deepEqual(read(onBus).identities, read(pubsub(event)).identities)
})

test('an event with the fields of the handshake of Event Grid is an event', () => {
  const item = canonicalItem({
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    data: { validationCode: 'code-1' },
  })
  assert.equal(validationCodeIn([item]), undefined)
})

test('base64: text in another encoding, and missing data, are rejected with the remedy', () => {
  const withData = (data: unknown) => ({ ...pubsub(event), message: { messageId: '1', data } })
  assert.deepEqual(read(withData('é!')).rejected, [
    '0: message.data is not base64: send the JSON of the event in base64',
  ])
  assert.deepEqual(read(withData(undefined)).rejected, [
    '0: message.data must be an event as JSON in base64, but is missing',
  ])
  assert.deepEqual(read(withData(asBase64('hello'))).rejected, [
    '0: message.data is not JSON: send the event as JSON text',
  ])
})

test('base64: data that something in between has decoded is read', () => {
  assert.equal(read({ ...pubsub(event), message: { messageId: '1', data: event } }).events.length, 1)
  assert.equal(
    read({ ...pubsub(event), message: { messageId: '1', data: JSON.stringify(event) } }).events.length,
    1,
  )
})

test('Pub/Sub: two subscriptions have messages of their own', () => {
  const other = { ...pubsub(event), subscription: 'projects/example/subscriptions/other' }
  assert.notDeepEqual(read(other).identities, read(pubsub(event)).identities)
})

test('Event Grid: the blueprint form is read, also with the event as text', () => {
  const item = fixture('eventbridge-customer-start-chat')
  for (const message of [item, JSON.stringify(item)])
    assert.equal(read([eventGrid({ message })]).events[0]?.topic, 'customer.start')
  const withMessage = canonicalItem({
    message: { conversationId: 'of-the-message', type: 'conversation:created' },
  })
  assert.equal(read(eventGrid(withMessage)).events[0]?.conversationId, 'conversation-1')
})

test('Event Grid: a batch has one event per entry, and events of Azure are ignored', () => {
  const azure = eventGrid(
    { url: 'https://example.com' },
    { eventType: 'Microsoft.Storage.BlobCreated', id: '2' },
  )
  const { events, ignored, rejected } = read([
    eventGrid(event),
    azure,
    eventGrid(event, { id: '3' }),
    eventGrid({}, { id: '4' }),
  ])
  assert.deepEqual([events.length, ignored], [2, 1])
  assert.deepEqual(
    rejected.map((problem) => problem.slice(0, 7)),
    ['3: data', '3: data'],
  )
})

test('Event Grid: an event of Azure with a conversation event in its data is read', () => {
  const eventType = 'Microsoft.Teams.CallRelay'
  for (const data of [event, { message: event }, JSON.stringify(event)])
    assert.equal(read(eventGrid(data, { eventType })).events.length, 1)
})

test('Event Grid: its own events are ignored in the CloudEvents schema too', () => {
  const deleted = { type: 'Microsoft.EventGrid.SubscriptionDeletedEvent' }
  const notice = { ...cloudEvent({ eventSubscriptionId: 's' }), ...deleted }
  assert.deepEqual([read(notice).ignored, read(notice).rejected], [1, []])
  assert.equal(read({ ...cloudEvent(event), ...deleted }).events.length, 1)
})

test('own JSON with the fields of Event Grid is read by a mapping if its data is not an event', () => {
  const { mapItem } = rulesOf(
    mappingRules([
      'when: has(body.eventType)',
      'type: conversation:created',
      'conversationId: ${body.data.callId}',
    ]),
  )
  const own = (data: unknown) => ({
    eventType: 'call.started',
    eventTime: '2026-01-05T09:00:00Z',
    subject: 'p-1',
    data,
  })
  const readWith = (body: unknown) => {
    const [opened] = openCarriers([body]).items
    assert.ok(opened instanceof OpenedItem)
    return readOpened(opened, readEnvelope)(opened.item, mapItem)
  }
  for (const body of [own({ callId: 'c-1' }), sqsRecord(own({ callId: 'c-1' }))]) {
    const result = readWith(body)
    assert.ok(result.kind === 'events')
    assert.equal(result.drafts[0]?.conversationId, 'c-1')
    assert.deepEqual(result.drafts[0]?.body, own({ callId: 'c-1' }))
  }
  const ofData = readWith(own(event))
  assert.ok(ofData.kind === 'events')
  assert.equal(ofData.drafts[0]?.conversationId, event.conversationId)
  for (const data of [{}, 'text', [{}, {}]]) {
    const result = readWith(own(data))
    assert.ok(result.kind === 'invalid')
    if (!Array.isArray(data)) assert.match(result.problems[0]?.message ?? '', /mapping "m0" reads it from/)
  }
  assert.deepEqual(read(own({ callId: 'c-1' })).rejected.length, 2)
})

test('Event Grid: the validation code is found only in a request of its own', () => {
  const handshake = eventGrid(
    { validationCode: 'code-1', validationUrl: 'https://example.com' },
    { eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent' },
  )
  assert.equal(validationCodeIn([handshake]), 'code-1')
  assert.equal(validationCodeIn([handshake, handshake]), undefined)
  assert.equal(validationCodeIn([eventGrid({ validationCode: 'code-1' })]), undefined)
  assert.equal(validationCodeIn([{ ...handshake, data: {} }]), undefined)
  assert.equal(validationCodeIn([]), undefined)
})

test('Lambda destination: the event is what the function got, not what it answered', () => {
  assert.deepEqual(
    read(lambdaDestination(event)).events.map(({ conversationId }) => conversationId),
    ['conversation-1'],
  )
  const bySns = records({ EventSource: 'aws:sns', Sns: sns(event) })
  assert.equal(read(lambdaDestination(bySns)).events.length, 1)
})

test('API Gateway: a request without a body is rejected', () => {
  assert.deepEqual(read({ ...apiGatewayV1(event), body: null }).rejected, [
    '0: body must be an event as JSON text, but is null',
  ])
})

test('CloudWatch Logs: a control message is ignored', () => {
  onlyIgnored({ ...cloudwatchLogs('x'), messageType: 'CONTROL_MESSAGE' })
})

test('EventBridge: events of other sources stay ignored, whatever their detail', () => {
  onlyIgnored(fixture('eventbridge-other-detail-type'))
  onlyIgnored({ 'detail-type': 'Object Created', source: 'aws.s3', detail: { message: 'x', records: [] } })
  const item = fixture('eventbridge-customer-start-chat')
  const detail = {
    ...(item.detail as object),
    body: 'x',
    eventSource: 'aws:sqs',
    requestContext: {},
    requestPayload: {},
  }
  assert.equal(read({ ...item, detail }).events[0]?.topic, 'customer.start')
})
