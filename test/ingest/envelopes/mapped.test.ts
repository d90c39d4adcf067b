import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  readDeclaredCloudEvent,
  readEnvelope,
  readWithMappingName,
} from '../../../src/ingest/envelopes/envelopes.ts'
import { canonicalItem, cloudEvent } from '../../helpers/events.ts'
import { conversationFixtures, fixture, foreignFixtures } from '../../helpers/fixtures.ts'
import { anyItem } from '../../helpers/mutations.ts'
import { rounds } from '../../helpers/rounds.ts'
import { mappingRules, rulesOf } from '../../helpers/rules.ts'

const call = [
  'when: has(body.call)',
  'type: conversation:created',
  'topic: relay.call',
  'conversationId: ${body.call.id}',
  'participantId: ${body.call.party}',
  'id: ${body.event}',
  'occurredAt: ${body.at}',
  'attributes: ${body.data}',
  'participant: { purpose: customer, address: "tel:${body.from}" }',
]
const { mapItem } = rulesOf(mappingRules(call))
const item = { call: { id: 'c1', party: 'p1' }, at: '2026-01-05T09:00:00Z', from: '+1317', data: { n: 5 } }

test('a matching mapping builds the event; the body stays the original item', () => {
  assert.deepEqual(readEnvelope(item, mapItem), {
    kind: 'events',
    drafts: [
      {
        type: 'conversation:created',
        topic: 'relay.call',
        conversationId: 'c1',
        participantId: 'p1',
        occurredAt: Date.parse('2026-01-05T09:00:00Z'),
        attributes: { n: '5' },
        participant: { purpose: 'customer', address: 'tel:+1317' },
        body: item,
      },
    ],
    rejected: [],
    odd: [],
  })
})

test('a mapped id detects duplicates', () => {
  const result = readEnvelope({ ...item, event: 'e-1' }, mapItem)
  assert.ok(result.kind === 'events')
  assert.equal(result.drafts[0]?.id, 'e-1')
  assert.equal(result.drafts[0]?.envelopeId, 'e-1')
})

test('mapped fields are validated like a canonical event; the message has field, mapping and source', () => {
  assert.deepEqual(readEnvelope({ ...item, call: { id: 'c/1', party: 'p1' } }, mapItem), {
    kind: 'invalid',
    problems: [
      {
        path: 'conversationId',
        message:
          'must be 1 to 128 characters of A-Z a-z 0-9 _ -, but has other characters: mapping "m0" reads it from ${body.call.id}',
      },
    ],
  })
})

test('an odd mapped field is read like one of a canonical event', () => {
  const result = readEnvelope({ ...item, at: 'yesterday', data: { tier: ['gold'], lang: 'de' } }, mapItem)
  assert.ok(result.kind === 'events')
  assert.equal(result.drafts[0]?.occurredAt, undefined)
  assert.deepEqual(result.drafts[0]?.attributes, { lang: 'de' })
  assert.deepEqual(
    result.odd.map(({ envelope, field }) => `${envelope} ${field}`),
    ['mapped occurredAt', 'mapped attributes'],
  )
})

test('mappings take precedence over the canonical event', () => {
  const both = canonicalItem({ type: 'call.started', call: { id: 'c1' } })
  const result = readEnvelope(both, mapItem)
  assert.ok(result.kind === 'events')
  assert.equal(result.drafts[0]?.conversationId, 'c1')
})

test('matching mappings take precedence over Genesys Cloud envelopes, also in a CloudEvent', () => {
  const own = rulesOf(
    mappingRules([
      'when: has(body.detail.callId) || has(body.callId)',
      'type: conversation:created',
      "conversationId: '${default(body.detail.callId, body.callId)}'",
    ]),
  )
  for (const marked of [
    { 'detail-type': 'call.started', source: 'acme', detail: { callId: 'c1' } },
    { topicName: 'calls/started', callId: 'c1' },
    { topicName: 5, callId: 'c1' },
  ])
    for (const whole of [marked, cloudEvent(marked)]) {
      const { result, mapping } = readWithMappingName(readEnvelope, whole, own.mapItem)
      assert.equal(mapping, 'm0')
      assert.ok(result.kind === 'events')
      assert.deepEqual([result.drafts[0]?.conversationId, result.drafts[0]?.body], ['c1', marked])
    }
  for (const name of [...conversationFixtures, ...foreignFixtures])
    assert.deepEqual(readEnvelope(fixture(name), own.mapItem), readEnvelope(fixture(name)))
})

test('a mapping can ignore items of any kind', () => {
  const ignoring = rulesOf(
    mappingRules(
      ['when: \'has(body.ping) || body.source == "staging"\'', 'ignore: true'],
      ['when: true', 'type: conversation:created', 'conversationId: ${body.id}'],
    ),
  )
  for (const ignored of [
    { ping: true },
    canonicalItem({ ping: 1 }),
    { ...(fixture('eventbridge-customer-start-chat') as object), source: 'staging' },
    cloudEvent({ ping: true }),
  ])
    assert.deepEqual(readWithMappingName(readEnvelope, ignored, ignoring.mapItem), {
      result: { kind: 'ignored' },
      mapping: 'm0',
    })
  assert.equal(readEnvelope({ id: 'c1' }, ignoring.mapItem).kind, 'events')
})

test('a mapping with the condition true does not apply to Genesys Cloud envelopes', () => {
  const all = rulesOf(mappingRules(['when: true', 'type: conversation:created', 'conversationId: ${body.x}']))
  for (const name of [...conversationFixtures, ...foreignFixtures])
    assert.deepEqual(readEnvelope(fixture(name), all.mapItem), readEnvelope(fixture(name)))
})

test('an item without a matching mapping is read as without mappings', () => {
  for (const other of [canonicalItem(), { type: 'conversation:created' }, {}, 'text'])
    assert.deepEqual(readEnvelope(other, mapItem), readEnvelope(other))
})

test('the data of a CloudEvent is mapped, and the CloudEvent fills in missing id and time', () => {
  const { at: _, ...undated } = item
  for (const read of [readEnvelope, readDeclaredCloudEvent]) {
    const result = read(cloudEvent(undated, { time: '2026-01-05T10:00:00Z' }), mapItem)
    assert.ok(result.kind === 'events')
    const [draft] = result.drafts
    assert.deepEqual(
      [draft?.id, draft?.occurredAt, draft?.conversationId, draft?.body],
      ['ce-1', Date.parse('2026-01-05T10:00:00Z'), 'c1', undated],
    )
    const refused = read(cloudEvent({ call: {} }), mapItem)
    assert.ok(refused.kind === 'invalid')
    assert.equal(refused.problems[0]?.path, 'data.conversationId')
  }
})

test('the name of the mapping is returned, also for a rejected item', () => {
  const mappingFor = (each: unknown) => readWithMappingName(readEnvelope, each, mapItem).mapping
  assert.equal(mappingFor(item), 'm0')
  assert.equal(mappingFor({ call: 5 }), 'm0')
  assert.equal(mappingFor(canonicalItem()), undefined)
  assert.equal(mappingFor(fixture('notification-heartbeat')), undefined)
})

/** A mapping that reads every field from several possible paths. */
const greedy = rulesOf(
  mappingRules(
    [
      'when: has(body.participant)',
      'type: ${body.type}',
      'topic: ${body.topic}${body.id}',
      'conversationId: ${body.conversationId}',
      'participantId: ${body.participantId}',
      'id: ${default(body.id, body.participant.id)}',
      'occurredAt: ${default(body.occurredAt, body.participant.purpose)}',
      'attributes: ${body.participant}',
      'participant: { purpose: "${body.participant.purpose}", attributes: "${body.attributes}" }',
    ],
    [
      'when: "!has(body.type) || body.type == 5 || body.conversationId.contains(\'c\')"',
      'type: conversation:updated',
      'conversationId: \'${default(body.id, default(body.conversationId, "c1"))}\'',
      "occurredAt: '${int(default(body.occurredAt, body.time))}'",
      "userId: '${string(body.event)}'",
    ],
  ),
).mapItem

test('property: a mapping never throws or returns an invalid event', () => {
  const seen = { mapped: 0, refused: 0 }
  fc.assert(
    fc.property(anyItem, (any) => {
      const { result, mapping } = readWithMappingName(readEnvelope, any, greedy)
      if (mapping === undefined) return
      if (result.kind === 'invalid') {
        seen.refused += 1
        for (const { message } of result.problems)
          assert.ok(message.includes(JSON.stringify(mapping)), message)
        return
      }
      assert.ok(result.kind === 'events' && result.drafts.length === 1)
      seen.mapped += 1
      for (const { body, identityPart, participantAsSent, envelopeId, ...fields } of result.drafts) {
        // Reading the result as a canonical event changes nothing, so it passed every check.
        const again = readEnvelope({ ...fields })
        assert.ok(again.kind === 'events', JSON.stringify(again))
        const { body: _, envelopeId: __, ...same } = again.drafts[0] ?? assert.fail()
        assert.deepEqual(same, fields)
      }
    }),
    { numRuns: rounds(1_500) },
  )
  assert.ok(seen.mapped > 100 && seen.refused > 30, JSON.stringify(seen))
})
