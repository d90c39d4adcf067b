import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classifyItems } from '../../src/ingest/classify-items.ts'
import { fixture } from '../helpers/fixtures.ts'
import { rulesOf } from '../helpers/rules.ts'

// Regression tests: payloads that were once refused or misread (test/fixtures/odd).

const rules = rulesOf(`
version: 1
rules:
  - { name: all, on: [conversation:created, conversation:updated], set: { a: b } }
`)

const read = (item: unknown) => {
  const { events, rejected, odd } = classifyItems([item], { rules, webhookId: undefined })
  return {
    events: events.map(({ event }) => event),
    rejected: rejected.map(({ problems }) => problems.map(({ path }) => path).join()),
    odd: odd.map(({ field, found }) => `${field}: ${found}`),
  }
}
const readOdd = (name: string) => read(fixture(`odd/${name}`))

test('a callback has lower-case values, and its customer has the callback number as address', () => {
  const { events } = readOdd('callback-customer-start')
  assert.equal(events[0]?.mediaType, 'callback')
  assert.equal(events[0]?.direction, 'outbound')
  assert.equal(events[0]?.participant.address, '+13175550100')
})

test('a calls snapshot without media arrays is voice', () => {
  const { events } = readOdd('queue-calls-snapshot-without-media-type')
  assert.deepEqual(
    events.map(({ mediaType, direction, participant }) => [mediaType, direction, participant.purpose]),
    [
      ['voice', 'inbound', 'customer'],
      ['voice', undefined, 'acd'],
    ],
  )
})

test('EventBridge and a snapshot yield the same fields for one call', () => {
  const [bridged] = readOdd('same-call-from-eventbridge').events
  const [snapshot] = readOdd('queue-calls-snapshot-without-media-type').events
  const facts = (event: typeof bridged) => [
    event?.conversationId,
    event?.participantId,
    event?.mediaType,
    event?.direction,
    event?.participant.purpose,
  ]
  assert.deepEqual(facts(bridged), facts(snapshot))
})

test('all ten media arrays are read, and a live medium precedes an ended one', () => {
  const { events } = readOdd('snapshot-all-media-arrays')
  assert.deepEqual(
    events.map(({ mediaType, participant }) => `${participant.purpose} ${mediaType}`),
    [
      'customer voice',
      'ivr voice',
      'workflow message',
      'acd voice',
      'agent voice',
      'user voice',
      'user voice',
      'agent cobrowse',
      'customer screenshare',
      'customer social',
      'customer video',
      'agent internalmessage',
      'bot message',
      'customer undefined',
      'customer message',
    ],
  )
  assert.deepEqual(
    events.filter(({ mediaType }) => mediaType !== undefined).map(({ direction }) => direction),
    Array.from({ length: 14 }, () => 'inbound'),
  )
})

test('a null participant is rejected alone, and null arrays are absent', () => {
  const { events, rejected, odd } = readOdd('snapshot-with-one-null-participant')
  assert.deepEqual(
    events.map(({ participant, mediaType }) => [participant.purpose, mediaType]),
    [
      ['customer', 'voice'],
      ['agent', undefined],
    ],
  )
  assert.deepEqual(rejected, ['eventBody.participants.1'])
  assert.deepEqual(odd, [])
})

test('a participant without an id is rejected alone', () => {
  const { events, rejected } = readOdd('snapshot-participant-without-id')
  assert.equal(events.length, 2)
  assert.deepEqual(rejected, ['eventBody.participants.1.id'])
})

test('a numeric endTime is accepted', () => {
  const { events, rejected, odd } = readOdd('snapshot-numeric-end-time')
  assert.deepEqual([events.length, rejected, odd], [2, [], []])
})

test('each attribute that is not a string becomes one or is absent', () => {
  const { events, odd } = readOdd('snapshot-attributes-not-text')
  assert.deepEqual(
    events.map(({ attributes }) => attributes),
    [{ n: '5', b: 'true' }, {}],
  )
  assert.deepEqual(odd, ['eventBody.participants[].attributes: object'])
})

test('unfilled templates are absent', () => {
  const { events, odd } = readOdd('templates-not-filled-in')
  assert.equal(events[0]?.queueId, undefined)
  assert.deepEqual(events[0]?.participant, { purpose: 'customer' })
  assert.deepEqual(odd, ['participant.address: template', 'queueId: template'])
})

test('a topic with a literal {id} takes its ids from the body', () => {
  const { events, rejected } = readOdd('topic-with-literal-id')
  assert.equal(events[0]?.conversationId, '13000000-0000-4000-8000-000000000001')
  assert.equal(events[0]?.topic, 'customer.start')
  assert.deepEqual(rejected, [])
})

for (const [what, changes, expected] of [
  ['an ani without quotes', { ani: 13175550100 }, { address: '13175550100', ani: '13175550100' }],
  ['a queue id that is a number', { queueId: 12 }, { queueId: '12' }],
  ['a media type that is an object', { mediaType: { name: 'VOICE' } }, {}],
  ['nested attributes', { attributes: { crm: { tier: 1 } } }, { attributes: {} }],
  ['attributes as JSON text', { attributes: '{"tier":"1"}' }, { attributes: { tier: '1' } }],
  ['a session id that is a number', { sessionId: 77 }, {}],
] as const) {
  test(`customer.start with ${what} is accepted`, () => {
    const item = fixture('odd/same-call-from-eventbridge') as {
      detail: { eventBody: Record<string, unknown> }
    }
    const ani = item.detail.eventBody.ani as string
    item.detail.eventBody = { ...item.detail.eventBody, ...changes }
    const { events, rejected, odd } = read(item)
    assert.deepEqual(rejected, [])
    assert.equal(odd.length, 1, odd.join())
    assert.deepEqual(events[0]?.participant, { purpose: 'customer', address: ani, ani, ...expected })
    assert.equal(events[0]?.mediaType, 'mediaType' in changes ? undefined : 'voice')
  })
}

test('times in epoch seconds and in milliseconds compare correctly', () => {
  const at = (occurredAt: unknown) =>
    read({ type: 'conversation:updated', conversationId: 'c', participantId: 'p', occurredAt }).events[0]
      ?.occurredAt ?? 0
  assert.ok(at(1_795_760_060) > at(1_795_760_000_000))
  assert.ok(at('1795760060.5') > at(1_795_760_060))
})

test('upper-case and lower-case UUIDs are the same participant', () => {
  const item = fixture('odd/same-call-from-eventbridge')
  const upper = JSON.parse(
    JSON.stringify(item).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => id.toUpperCase()),
  )
  const keyOf = (one: unknown) => {
    const [event] = read(one).events
    return [event?.conversationId, event?.participantId]
  }
  assert.deepEqual(keyOf(upper), keyOf(item))
})

test('a user.start without a queue is a user, not an agent', () => {
  const item = fixture('eventbridge-user-start-voice') as { detail: { eventBody: { queueId?: string } } }
  assert.equal(read(item).events[0]?.participant.purpose, 'agent')
  delete item.detail.eventBody.queueId
  assert.equal(read(item).events[0]?.participant.purpose, 'user')
})
