import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readEnvelope } from '../../../src/ingest/envelopes/envelopes.ts'
import { canonicalItem } from '../../helpers/events.ts'
import { conversationFixtures, fixture, foreignFixtures } from '../../helpers/fixtures.ts'
import { anyItem } from '../../helpers/mutations.ts'
import { rounds } from '../../helpers/rounds.ts'

for (const name of conversationFixtures) {
  test(`${name} is read as events of its conversation`, () => {
    assert.equal(readEnvelope(fixture(name)).kind, 'events')
  })
}

for (const name of foreignFixtures) {
  test(`${name} is ignored`, () => {
    assert.deepEqual(readEnvelope(fixture(name)), { kind: 'ignored' })
  })
}

test('an item with neither detail-type nor topicName is canonical', () => {
  assert.equal(readEnvelope(canonicalItem()).kind, 'events')
})

for (const item of [null, undefined, 1, 'text', true, [], [canonicalItem()]]) {
  test(`${JSON.stringify(item)} is invalid: not an object`, () => {
    const result = readEnvelope(item)
    assert.ok(result.kind === 'invalid')
    assert.match(result.problems[0]?.message ?? '', /^must be an object, but is /)
  })
}

test('the body of a trigger is an event as soon as its relay adds the type', () => {
  const body = fixture('trigger-customer-end-event-body')
  assert.deepEqual(readEnvelope(body), {
    kind: 'invalid',
    problems: [
      { path: 'type', message: 'must be conversation:created or conversation:updated, but is missing' },
    ],
  })
  const result = readEnvelope({ type: 'conversation:updated', topic: 'customer.end', ...body })
  assert.ok(result.kind === 'events')
  assert.equal(result.drafts[0]?.conversationId, 'conversationId')
  assert.equal(result.drafts[0]?.participant.purpose, 'customer')
})

test('property: never throws, and ids always match their allowed characters', () => {
  const seen = { events: 0, ignored: 0, invalid: 0 }
  fc.assert(
    fc.property(anyItem, (item) => {
      const result = readEnvelope(item)
      seen[result.kind] += 1
      if (result.kind === 'invalid') {
        assert.ok(result.problems.length > 0)
        for (const { message } of result.problems) assert.notEqual(message, '')
      }
      if (result.kind !== 'events') return
      assert.ok(result.drafts.length > 0)
      for (const { id, envelopeId, conversationId, participantId, participant, ...draft } of result.drafts) {
        assert.match(conversationId, /^[A-Za-z0-9_-]{1,128}$/)
        if (participantId !== undefined) assert.match(participantId, /^[A-Za-z0-9_-]{1,128}$/)
        for (const eventId of [id, envelopeId].filter((value) => value !== undefined)) {
          assert.match(eventId, /^[A-Za-z0-9_.:-]{1,128}$/)
        }
        assert.ok(['conversation:created', 'conversation:updated'].includes(draft.type))
        if (draft.occurredAt !== undefined) assert.ok(!Number.isNaN(new Date(draft.occurredAt).getTime()))
        for (const value of [participant.purpose, participant.address, draft.topic, draft.queueId]) {
          assert.ok(value === undefined || typeof value === 'string')
        }
        for (const value of Object.values({ ...draft.attributes, ...participant.attributes })) {
          assert.equal(typeof value, 'string')
        }
      }
    }),
    { numRuns: rounds(1_500) },
  )
  for (const [kind, count] of Object.entries(seen)) assert.ok(count > 100, `hardly any ${kind}: ${count}`)
})
