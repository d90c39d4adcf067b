import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCanonical } from '../../../src/ingest/envelopes/canonical.ts'
import { canonicalItem } from '../../helpers/events.ts'

/** Reads an item that yields one event. */
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

test('every field is read, and the body stays as sent', () => {
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
    mediaType: 'voice',
    direction: 'inbound',
    queueId: 'queue-2',
    userId: 'user-2',
    attributes: { language: 'de' },
    participant: item.participant,
    body: item,
  })
  assert.deepEqual(item, before)
})

test('missing fields are absent, not undefined, because rules use has()', () => {
  const draft = read({ type: 'conversation:created', conversationId: 'c' })
  assert.deepEqual(Object.keys(draft).sort(), ['body', 'conversationId', 'participant', 'type'])
  assert.deepEqual(draft.participant, {})
})

test('null counts as absent', () => {
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

test('event is an alias of type', () => {
  assert.equal(read({ event: 'conversation:updated', conversationId: 'c' }).type, 'conversation:updated')
})

test('participant.id is an alias of participantId', () => {
  const participant = { id: 'p-2', purpose: 'agent' }
  const draft = read({ type: 'conversation:created', conversationId: 'c', participant })
  assert.equal(draft.participantId, 'p-2')
  assert.deepEqual(draft.participant, { purpose: 'agent' })
  assert.equal(read(canonicalItem({ participant })).participantId, 'participant-1')
})

test('the topic decides the purpose only if the event has none', () => {
  const leg = { topic: 'user.start', participant: {} }
  assert.equal(read(canonicalItem(leg)).participant.purpose, 'user')
  assert.equal(read(canonicalItem({ ...leg, queueId: 'q-1' })).participant.purpose, 'agent')
  assert.equal(read(canonicalItem({ topic: 'user.start' })).participant.purpose, 'customer')
})

test('a snapshot topic decides the media type only if the event has none', () => {
  const topic = 'v2.users.4e5f6071-0000-4000-8000-00000000000e.conversations.calls'
  assert.equal(read(canonicalItem({ topic, mediaType: undefined })).mediaType, 'voice')
  assert.equal(read(canonicalItem({ topic, mediaType: 'CALLBACK' })).mediaType, 'callback')
  assert.equal(read(canonicalItem({ topic: 'wrapup', mediaType: undefined })).mediaType, undefined)
})

test('attribute values of other types become strings', () => {
  const draft = read(canonicalItem({ attributes: { yes: true, no: false, number: 1.5, zero: 0, text: '' } }))
  assert.deepEqual(draft.attributes, { yes: 'true', no: 'false', number: '1.5', zero: '0', text: '' })
})

test('the type is read in any letter case, and the topic decides if it is missing', () => {
  assert.equal(read(canonicalItem({ type: 'Conversation:Updated' })).type, 'conversation:updated')
  const withTopic = (topic: string) => read(canonicalItem({ type: undefined, topic }))
  assert.equal(withTopic('customer.start').type, 'conversation:created')
  assert.equal(withTopic('wrapup').type, 'conversation:updated')
  assert.equal(read(canonicalItem({ type: '', topic: 'wrapup' })).type, 'conversation:updated')
})

test('a full topic name is shortened, and every topic becomes lower case', () => {
  const topicOf = (topic: string) => read(canonicalItem({ topic })).topic
  assert.equal(topicOf('v2.detail.events.conversation.{id}.customer.start'), 'customer.start')
  assert.equal(topicOf('Users.Conversations.CobrowseSessions'), 'users.conversations.cobrowsesessions')
})

for (const [what, changes, path, message] of [
  ['an unknown type', { type: 'conversation:ended' }, 'type', /conversation:updated, but is other text/],
  [
    'an unknown event',
    { type: undefined, event: 'ended' },
    'event',
    /conversation:updated, but is other text/,
  ],
  ['neither type nor topic', { type: undefined }, 'type', /conversation:updated, but is missing/],
  [
    'a type that is a template',
    { type: '${input.type}' },
    'type',
    /but is a template that was not filled in/,
  ],
  ['no conversation', { conversationId: undefined }, 'conversationId', /A-Z a-z 0-9 _ -, but is missing/],
  ['a conversation id that is a number', { conversationId: 5 }, 'conversationId', /but is a number/],
  ['a conversation id that is null', { conversationId: null }, 'conversationId', /but is null/],
  [
    'an empty conversation id',
    { conversationId: '' },
    'conversationId',
    /1 to 128 characters .*but is empty/,
  ],
  [
    'a conversation id that would leave its URL',
    { conversationId: '../users' },
    'conversationId',
    /other characters/,
  ],
  ['a conversation id with a dot', { conversationId: 'a.b' }, 'conversationId', /A-Z a-z/],
  ['a conversation id that ends in a newline', { conversationId: 'a\n' }, 'conversationId', /A-Z a-z/],
  [
    'an id of 129 characters',
    { conversationId: 'x'.repeat(129) },
    'conversationId',
    /but has 129 characters/,
  ],
  ['a conversation id that is a template', { conversationId: '{{id}}' }, 'conversationId', /not filled in/],
  ['a participant id with a colon', { participantId: 'a:b' }, 'participantId', /A-Z a-z/],
  ['a participant id that is an object', { participantId: {} }, 'participantId', /but is an object/],
  ['a participant id that is a template', { participantId: '$!{p}' }, 'participantId', /not filled in/],
  [
    'a participant.id with a slash, if it is the only one',
    { participantId: undefined, participant: { id: 'a/b' } },
    'participant.id',
    /A-Z a-z/,
  ],
] as const) {
  test(`${what} is rejected with path and message`, () => {
    const [problem, ...others] = problemsOf(changes)
    assert.deepEqual(others, [])
    assert.equal(problem?.path, path)
    assert.match(problem?.message ?? '', message)
  })
}

for (const [what, changes, field, read] of [
  ['a time without a date', { occurredAt: '10:15' }, 'occurredAt', { occurredAt: undefined }],
  [
    'a date that does not exist',
    { occurredAt: '2026-13-45T10:15:00Z' },
    'occurredAt',
    { occurredAt: undefined },
  ],
  ['a negative time', { occurredAt: -1 }, 'occurredAt', { occurredAt: undefined }],
  ['an empty time', { occurredAt: '' }, 'occurredAt', { occurredAt: undefined }],
  ['a participant that is a text', { participant: 'customer' }, 'participant', { participant: {} }],
  [
    'a purpose that is a number',
    { participant: { purpose: 1 } },
    'participant.purpose',
    { participant: { purpose: '1' } },
  ],
  [
    'an ani without quotes',
    { participant: { ani: 13175550100 } },
    'participant.ani',
    { participant: { ani: '13175550100' } },
  ],
  ['attributes that are a list', { attributes: ['a'] }, 'attributes', { attributes: undefined }],
  [
    'a nested attribute',
    { attributes: { tier: {}, lang: 'de' } },
    'attributes',
    { attributes: { lang: 'de' } },
  ],
  [
    'attributes as JSON text',
    { attributes: '{"tier":"1","n":2}' },
    'attributes',
    { attributes: { tier: '1', n: '2' } },
  ],
  [
    'an attribute that is a template',
    { attributes: { a: '${x}', b: 'c' } },
    'attributes',
    { attributes: { b: 'c' } },
  ],
  ['a media type that is an object', { mediaType: { name: 'VOICE' } }, 'mediaType', { mediaType: undefined }],
  ['a topic that is a list', { topic: [] }, 'topic', { topic: undefined }],
  ['a topic of more than 300 characters', { topic: 'x'.repeat(301) }, 'topic', { topic: undefined }],
  ['an event id that is a number', { id: 5 }, 'id', { id: '5' }],
  ['an event id that is an object', { id: {} }, 'id', { id: undefined }],
  ['a queue id that is a template', { queueId: '${input.queueId}' }, 'queueId', { queueId: undefined }],
  [
    'an address that is a Velocity call',
    { participant: { address: '$esc.jsonString(${input.address})' } },
    'participant.address',
    { participant: {} },
  ],
] as const) {
  test(`${what} does not reject the event and is noted as odd`, () => {
    const result = readCanonical(canonicalItem(changes))
    assert.ok(result.kind === 'events', JSON.stringify(result))
    assert.deepEqual(
      result.odd.map(({ envelope, field }) => [envelope, field]),
      [['canonical', field]],
    )
    const [draft] = result.drafts
    for (const [name, value] of Object.entries(read))
      assert.deepEqual((draft as unknown as Record<string, unknown>)[name], value, name)
  })
}

test('an event id with other characters is hashed and still detects duplicates', () => {
  const idOf = (id: string) => read(canonicalItem({ id })).envelopeId
  assert.match(idOf('a b') ?? '', /^[\w-]{43}$/)
  assert.equal(idOf('a b'), idOf('a b'))
  assert.notEqual(idOf('a b'), idOf('a c'))
})

test('UUIDs become lower case; other ids stay unchanged', () => {
  const upper = '5B0C1F4E-2A77-4C1E-9C55-6A1D0F3B7E01'
  const draft = read(canonicalItem({ conversationId: upper, participantId: upper, queueId: 'Queue-A' }))
  assert.equal(draft.conversationId, upper.toLowerCase())
  assert.equal(draft.participantId, upper.toLowerCase())
  assert.equal(draft.queueId, 'Queue-A')
})

test('all problems of an event are reported at once', () => {
  const paths = problemsOf({ type: 'x', conversationId: 1, participantId: '', occurredAt: 'x' }).map(
    ({ path }) => path,
  )
  assert.deepEqual(paths.sort(), ['conversationId', 'participantId', 'type'])
})

for (const id of ['a', 'A-Z_09', 'x'.repeat(128), '12345678-1234-1234-1234-123456789012']) {
  test(`${id.slice(0, 40)} is a valid conversation id`, () => {
    assert.equal(read(canonicalItem({ conversationId: id })).conversationId, id)
  })
}

for (const [given, expected] of [
  ['2026-02-03T10:15:30Z', 1_770_113_730_000],
  ['2026-02-03T11:15:30.250+01:00', 1_770_113_730_250],
  [1_770_113_730_250, 1_770_113_730_250],
  [1_770_113_730_250.75, 1_770_113_730_250],
] as const) {
  test(`the time ${given} is read`, () => {
    assert.equal(read(canonicalItem({ occurredAt: given })).occurredAt, expected)
  })
}
