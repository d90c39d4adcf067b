import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCanonical } from '../../../src/ingest/envelopes/canonical.ts'
import { canonicalItem } from '../../helpers/events.ts'

/** The one event that an item yields. */
function read(item: Record<string, unknown>) {
  const result = readCanonical(item)
  assert.ok(result.kind === 'events', JSON.stringify(result))
  assert.equal(result.drafts.length, 1)
  const [draft] = result.drafts
  assert.ok(draft)
  return draft
}

const problemsOf = (changes: Record<string, unknown>) => {
  const result = readCanonical(canonicalItem(changes))
  assert.ok(result.kind === 'invalid', JSON.stringify(result))
  return result.problems
}

test('every field has its place, and the original stays as it was sent', () => {
  const item = {
    id: 'event:1.a',
    type: 'conversation:updated',
    topic: 'wrapup',
    occurredAt: '2026-02-03T10:15:30.250Z',
    conversationId: '12345678-1234-1234-1234-123456789012',
    participantId: 'p_1',
    participant: {
      purpose: 'customer',
      address: 'tel:+13175550100',
      ani: '+13175550100',
      dnis: '+13175550199',
      externalContactId: 'contact-1',
      externalId: 'customer_12345',
      userId: 'user-1',
      queueId: 'queue-1',
      attributes: { tier: 'gold' },
    },
    attributes: { language: 'de' },
    mediaType: 'VOICE',
    direction: 'INBOUND',
    queueId: 'queue-2',
    userId: 'user-2',
    fieldOfTheRelay: { anything: [1, null] },
  }
  const before = structuredClone(item)
  assert.deepEqual(read(item), {
    type: 'conversation:updated',
    topic: 'wrapup',
    id: 'event:1.a',
    envelopeId: 'event:1.a',
    conversationId: '12345678-1234-1234-1234-123456789012',
    participantId: 'p_1',
    occurredAt: Date.parse('2026-02-03T10:15:30.250Z'),
    mediaType: 'VOICE',
    direction: 'INBOUND',
    queueId: 'queue-2',
    userId: 'user-2',
    attributes: { language: 'de' },
    participant: item.participant,
    body: item,
  })
  assert.deepEqual(item, before)
})

test('what an event does not say is absent, not undefined: rules ask with has()', () => {
  const draft = read({ type: 'conversation:created', conversationId: 'c' })
  assert.deepEqual(Object.keys(draft).sort(), ['body', 'conversationId', 'participant', 'type'])
  assert.deepEqual(draft.participant, {})
})

test('null counts as absent, as many senders write it', () => {
  const draft = read({
    id: null,
    type: null,
    event: 'conversation:created',
    conversationId: 'c',
    participantId: null,
    participant: { purpose: null, attributes: { tier: null, kept: 'yes' } },
    attributes: null,
    occurredAt: null,
    mediaType: null,
  })
  assert.deepEqual(Object.keys(draft).sort(), ['body', 'conversationId', 'participant', 'type'])
  assert.deepEqual(draft.participant, { attributes: { kept: 'yes' } })
})

test('event is accepted in place of type', () => {
  assert.equal(read({ event: 'conversation:updated', conversationId: 'c' }).type, 'conversation:updated')
})

test('the participant of the event may also be named by participant.id', () => {
  const participant = { id: 'p-2', purpose: 'agent' }
  const draft = read({ type: 'conversation:created', conversationId: 'c', participant })
  assert.equal(draft.participantId, 'p-2')
  assert.deepEqual(draft.participant, { purpose: 'agent' })
  assert.equal(read(canonicalItem({ participant })).participantId, 'participant-1')
})

test('the purpose follows from the topic only where the event does not carry it', () => {
  assert.equal(read(canonicalItem({ topic: 'user.start', participant: {} })).participant.purpose, 'agent')
  assert.equal(read(canonicalItem({ topic: 'user.start' })).participant.purpose, 'customer')
})

test('attribute values of other types become the texts that Genesys demands', () => {
  const draft = read(canonicalItem({ attributes: { yes: true, no: false, number: 1.5, zero: 0, text: '' } }))
  assert.deepEqual(draft.attributes, { yes: 'true', no: 'false', number: '1.5', zero: '0', text: '' })
})

for (const [what, changes, path, message] of [
  ['an unknown type', { type: 'conversation:ended' }, 'type', /conversation:created or conversation:updated/],
  ['no type at all', { type: undefined }, 'type', /conversation:created or conversation:updated/],
  ['no conversation', { conversationId: undefined }, 'conversationId', /must be text/],
  ['an empty conversation id', { conversationId: '' }, 'conversationId', /1 to 128 characters/],
  ['a conversation id that would leave its URL', { conversationId: '../users' }, 'conversationId', /A-Z a-z/],
  ['a conversation id with a dot', { conversationId: 'a.b' }, 'conversationId', /A-Z a-z/],
  ['a conversation id that ends in a newline', { conversationId: 'a\n' }, 'conversationId', /A-Z a-z/],
  ['an id of 129 characters', { conversationId: 'x'.repeat(129) }, 'conversationId', /1 to 128/],
  ['a participant id with a colon', { participantId: 'a:b' }, 'participantId', /A-Z a-z/],
  ['a participant.id with a slash', { participant: { id: 'a/b' } }, 'participant.id', /A-Z a-z/],
  ['an id that is a number', { id: 5 }, 'id', /must be text/],
  ['an id with a space', { id: 'a b' }, 'id', /1 to 128 characters/],
  ['a time without a date', { occurredAt: '10:15' }, 'occurredAt', /ISO 8601/],
  ['a time that does not exist', { occurredAt: '2026-13-45T10:15:00Z' }, 'occurredAt', /ISO 8601/],
  ['a negative time', { occurredAt: -1 }, 'occurredAt', /ISO 8601/],
  ['a time past the end of time', { occurredAt: 8.64e15 + 1 }, 'occurredAt', /ISO 8601/],
  ['a participant that is a text', { participant: 'customer' }, 'participant', /must be an object/],
  ['a purpose that is a number', { participant: { purpose: 1 } }, 'participant.purpose', /must be text/],
  ['attributes that are a list', { attributes: ['a'] }, 'attributes', /must be an object of texts/],
  [
    'an attribute that is an object',
    { attributes: { tier: {} } },
    'attributes.tier',
    /text, a number or a boolean/,
  ],
  [
    'an attribute of the participant that is a list',
    { participant: { attributes: { tier: [] } } },
    'participant.attributes.tier',
    /text, a number or a boolean/,
  ],
  ['a media type that is a list', { mediaType: [] }, 'mediaType', /must be text/],
] as const) {
  test(`${what} is refused, with path and reason`, () => {
    const [problem, ...others] = problemsOf(changes)
    assert.deepEqual(others, [])
    assert.equal(problem?.path, path)
    assert.match(problem?.message ?? '', message)
  })
}

test('all mistakes of an event are told at once', () => {
  const paths = problemsOf({ conversationId: 1, participantId: '', occurredAt: 'x' }).map(({ path }) => path)
  assert.deepEqual(paths.sort(), ['conversationId', 'occurredAt', 'participantId'])
})

for (const id of ['a', 'A-Z_09', 'x'.repeat(128), '12345678-1234-1234-1234-123456789012']) {
  test(`${id.slice(0, 40)} is a conversation id`, () => {
    assert.equal(read(canonicalItem({ conversationId: id })).conversationId, id)
  })
}

for (const [given, expected] of [
  ['2026-02-03T10:15:30Z', 1_770_113_730_000],
  ['2026-02-03T11:15:30.250+01:00', 1_770_113_730_250],
  [1_770_113_730_250, 1_770_113_730_250],
  [1_770_113_730_250.75, 1_770_113_730_250],
  [0, 0],
] as const) {
  test(`the time ${given} is understood`, () => {
    assert.equal(read(canonicalItem({ occurredAt: given })).occurredAt, expected)
  })
}
