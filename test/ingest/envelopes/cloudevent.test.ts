import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDeclaredCloudEvent, readEnvelope } from '../../../src/ingest/envelopes/envelopes.ts'
import { canonicalItem, cloudEvent } from '../../helpers/events.ts'
import { conversationFixtures, fixture, foreignFixtures } from '../../helpers/fixtures.ts'

function draftsOf(item: unknown) {
  const result = readDeclaredCloudEvent(item)
  assert.ok(result.kind === 'events', JSON.stringify(result))
  return result.drafts
}

/** Reads a CloudEvent with canonical data, which yields one event. */
function read(changes: Record<string, unknown> = {}, data: unknown = canonicalItem()) {
  const [draft, ...more] = draftsOf(cloudEvent(data, changes))
  assert.ok(draft !== undefined && more.length === 0)
  return draft
}

function problemsOf(item: unknown) {
  const result = readDeclaredCloudEvent(item)
  assert.ok(result.kind === 'invalid', JSON.stringify(result))
  return result.problems
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

for (const name of conversationFixtures) {
  test(`${name} reads the same inside a CloudEvent, which fills in missing id and time`, () => {
    const data = fixture(name)
    const plain = readEnvelope(data)
    assert.ok(plain.kind === 'events')
    const item = cloudEvent(data, { time: '2026-02-03T10:15:30Z' })
    const before = structuredClone(item)
    const wrapped = draftsOf(item)
    const [first] = wrapped
    assert.deepEqual(
      wrapped,
      plain.drafts.map((draft) => ({
        ...draft,
        id: draft.id ?? 'ce-1',
        envelopeId: draft.envelopeId ?? first?.envelopeId,
        occurredAt: draft.occurredAt ?? Date.parse('2026-02-03T10:15:30Z'),
      })),
    )
    assert.equal(first?.body, data, 'the body is the data')
    assert.deepEqual(item, before)
  })
}

for (const name of foreignFixtures) {
  test(`${name} inside a CloudEvent is ignored`, () => {
    assert.deepEqual(readDeclaredCloudEvent(cloudEvent(fixture(name))), { kind: 'ignored' })
  })
}

test('it is detected by a version and data', () => {
  assert.equal(readEnvelope(cloudEvent(canonicalItem())).kind, 'events')
  for (const field of [{ specversion: '3' }, { data: 5 }, { data_base64: 'x' }, { source: 'ivr' }]) {
    const result = readEnvelope(canonicalItem({ id: 'own', ...field }))
    assert.equal(result.kind === 'events' && result.drafts[0]?.id, 'own', JSON.stringify(field))
  }
})

test('the id of the data takes precedence over that of the CloudEvent', () => {
  const own = read({}, canonicalItem({ id: 'own' }))
  assert.deepEqual([own.id, own.envelopeId], ['own', 'own'])
})

test('source and id together are the identity', () => {
  const { envelopeId } = read()
  assert.match(envelopeId ?? '', /^cloudevent:[\w-]{43}$/)
  assert.equal(read({ type: 'other', time: '2026-02-03T10:15:30Z', subject: 's' }).envelopeId, envelopeId)
  assert.equal(read({}, canonicalItem({ mark: 1 })).envelopeId, envelopeId)
  assert.notEqual(read({ source: '/other' }).envelopeId, envelopeId)
  assert.notEqual(read({ id: 'ce-2' }).envelopeId, envelopeId)
  assert.notEqual(read({ source: 'a', id: 'bc' }).envelopeId, read({ source: 'ab', id: 'c' }).envelopeId)
})

for (const id of ['4711/1', 'x'.repeat(129), 'caf\u00e9 1', '{"a":"b"}', '\ud800']) {
  test(`${id.slice(0, 20)} is a valid CloudEvent id and becomes a hash as event id`, () => {
    assert.match(read({ id }).id ?? '', /^[\w-]{43}$/)
    assert.equal(read({ id }).id, read({ id, source: '/other' }).id)
  })
}

test('extensions, other attributes and null attributes are ignored', () => {
  const { id, occurredAt } = read({
    subject: null,
    time: null,
    datacontenttype: null,
    dataschema: 'urn:x',
    data_base64: null,
    partitionkey: 5,
  })
  assert.deepEqual([id, occurredAt], ['ce-1', undefined])
})

for (const datacontenttype of [
  'application/json',
  'Application/JSON; charset=utf-8',
  'text/json',
  'application/vnd.example.event+json',
]) {
  test(`data in ${datacontenttype} is read`, () => assert.equal(read({ datacontenttype }).id, 'ce-1'))
}

test('data may be JSON in base64, for every envelope', () => {
  const data = fixture('eventbridge-customer-start-chat')
  const wrapped = cloudEvent(undefined, { data_base64: base64(JSON.stringify(data)) })
  assert.deepEqual(draftsOf(wrapped), draftsOf(cloudEvent(data)))
  assert.equal(readEnvelope(wrapped).kind, 'events')
})

test('base64 may have line breaks or the URL-safe alphabet', () => {
  const text = JSON.stringify(canonicalItem({ note: '\u00ff\u00fe?>~' }))
  for (const encoded of [
    Buffer.from(text).toString('base64url'),
    `${base64(text).replaceAll(/.{20}/g, '$&\r\n')}\r\n`,
  ])
    assert.equal(draftsOf(cloudEvent(undefined, { data_base64: encoded }))[0]?.id, 'ce-1')
})

test('data may be a JSON object as text, for every envelope', () => {
  const data = fixture('eventbridge-customer-start-chat')
  const plain = draftsOf(cloudEvent(data))
  assert.deepEqual(draftsOf(cloudEvent(JSON.stringify(data))), plain)
  assert.deepEqual(draftsOf(cloudEvent([data])), plain, 'or an array of one')
  const encoded = base64(JSON.stringify(JSON.stringify(data)))
  assert.deepEqual(draftsOf(cloudEvent(undefined, { data_base64: encoded })), plain)
})

test('data takes precedence over data_base64', () => {
  const data_base64 = base64(JSON.stringify(canonicalItem({ id: 'other' })))
  assert.equal(read({ data_base64 }, canonicalItem({ id: 'own' })).id, 'own')
})

for (const [what, changes] of [
  ['no version', { specversion: undefined }],
  ['version 0.3', { specversion: '0.3' }],
  ['a version that is a number', { specversion: 1.0 }],
  ['no type', { type: undefined }],
  ['a type that is an object', { type: {} }],
  ['a time that is none', { time: 'yesterday' }],
  ['a time that is an object', { time: {} }],
  ['another content type of data that is an object', { datacontenttype: 'application/xml' }],
  ['a content type that is none', { datacontenttype: 'json' }],
  ['a content type that is a number', { datacontenttype: 5 }],
] as const) {
  test(`${what} counts as absent`, () => {
    const { id, envelopeId, occurredAt } = read(changes)
    assert.deepEqual([id, envelopeId, occurredAt], ['ce-1', read().envelopeId, undefined])
  })
}

test('data that is text is read with every content type', () => {
  const datacontenttype = 'application/octet-stream'
  assert.equal(read({ datacontenttype }, JSON.stringify(canonicalItem())).id, 'ce-1')
})

test('a time in epoch milliseconds is read', () => {
  assert.equal(read({ time: 1_770_113_730_250 }).occurredAt, 1_770_113_730_250)
})

for (const id of [undefined, null, '', ' ', {}, true]) {
  test(`an unusable id (${JSON.stringify(id)}) of a CloudEvent does not identify its event`, () => {
    const { id: eventId, envelopeId } = read({ id })
    assert.deepEqual([eventId, envelopeId], [undefined, undefined])
    assert.equal(read({ id }, canonicalItem({ id: 'own' })).envelopeId, 'own')
  })
}

for (const source of [undefined, null, '', {}, 5.5]) {
  test(`source ${JSON.stringify(source)} with an id does not identify the event`, () => {
    const { id, envelopeId } = read({ source })
    assert.equal(id, 'ce-1')
    assert.equal(envelopeId !== undefined, typeof source === 'number', 'both make the identity, or neither')
  })
}

test('a numeric id is read as text', () => {
  assert.deepEqual(read({ id: 5 }), read({ id: '5' }))
})

test('for nested CloudEvents, the attributes of the inner one take precedence', () => {
  const time = '2026-02-03T10:15:30Z'
  const { id, occurredAt, envelopeId } = read({ id: 'outer', time }, cloudEvent(canonicalItem()))
  assert.deepEqual([id, occurredAt], ['ce-1', Date.parse(time)])
  assert.equal(envelopeId, read().envelopeId)
  const wrong = cloudEvent(cloudEvent(canonicalItem({ conversationId: 'a/b' })))
  assert.deepEqual(
    problemsOf(wrong).map(({ path }) => path),
    ['data.data.conversationId'],
  )
  assert.match(
    problemsOf(cloudEvent(cloudEvent(cloudEvent(canonicalItem()))))[0]?.path ?? '',
    /^data\.data\./,
  )
})

const deep = `${'['.repeat(70)}${']'.repeat(70)}`
const notAnEvent = /must be an event: a JSON object, or the text of one/

for (const [what, changes, path, message] of [
  ['XML', { datacontenttype: 'application/xml', data: '<a>hush</a>' }, 'data', notAnEvent],
  ['no data', { data: undefined }, 'data', notAnEvent],
  ['data that is null', { data: null }, 'data', notAnEvent],
  ['data that is a number', { data: 5 }, 'data', notAnEvent],
  [
    'several events',
    { data: [canonicalItem(), canonicalItem()] },
    'data',
    /must be one event: .*array of CloudE/,
  ],
  ['no event in an array', { data: [] }, 'data', /must be one event/],
  ['text of depth', { data: deep }, 'data', /must not be nested deeper than 64 levels/],
  ['base64 that is a number', { data: undefined, data_base64: 5 }, 'data_base64', /must be base64/],
  ['base64 that is none', { data: undefined, data_base64: 'e30=!' }, 'data_base64', /must be base64/],
  [
    'base64 of text',
    { data: undefined, data_base64: base64('hush') },
    'data_base64',
    /must be JSON in base64$/,
  ],
  ['base64 of depth', { data: undefined, data_base64: base64(deep) }, 'data_base64', /deeper than 64 levels/],
  [
    'base64 of several events',
    { data: undefined, data_base64: base64('[{},{}]') },
    'data_base64',
    /one event/,
  ],
] as const) {
  test(`${what} is rejected with path and message`, () => {
    const [problem, ...others] = problemsOf(cloudEvent(canonicalItem(), changes))
    assert.deepEqual(others, [])
    assert.equal(problem?.path, path)
    assert.match(problem?.message ?? '', message)
    assert.doesNotMatch(problem?.message ?? '', /hush/)
  })
}

for (const [what, changes] of [
  ['no version', { specversion: undefined }],
  ['version 0.3', { specversion: '0.3' }],
  ['no id', { id: undefined }],
  ['an id that is null', { id: null }],
  ['an id that is an object', { id: {} }],
  ['no source', { source: undefined }],
  ['no type', { type: undefined }],
  ['an unreadable time', { time: 'yesterday' }],
  ['a content type of another form', { datacontenttype: 'json' }],
  ['data as JSON text', { data: JSON.stringify(canonicalItem()) }],
  ['data in both forms', { data_base64: base64('{}') }],
] as const) {
  test(`${what} does not reject the event in a CloudEvent`, () => {
    const [draft] = draftsOf(cloudEvent(canonicalItem(), changes))
    assert.equal(draft?.conversationId, 'conversation-1')
    assert.equal(draft?.occurredAt, undefined)
    const identified = !('id' in changes || 'source' in changes)
    assert.equal(draft?.envelopeId?.startsWith('cloudevent:') ?? false, identified)
  })
}

test('the time may be epoch milliseconds', () => {
  assert.equal(read({ time: 1_770_113_730_250 }).occurredAt, 1_770_113_730_250)
})

test('a megabyte of spaces in data_base64 is rejected quickly', () => {
  const item = cloudEvent(undefined, { data_base64: `a${' '.repeat(1_000_000)}!` })
  assert.equal(problemsOf(item)[0]?.path, 'data_base64')
})

test('problems in the data have their path in the CloudEvent', () => {
  const data = canonicalItem({ conversationId: 'a/b', participantId: 'a b' })
  const pathsOf = (item: unknown) => problemsOf(item).map(({ path }) => path)
  assert.deepEqual(pathsOf(cloudEvent(data)).sort(), ['data.conversationId', 'data.participantId'])
  const encoded = cloudEvent(undefined, { data_base64: base64(JSON.stringify(data)) })
  assert.deepEqual(pathsOf(encoded).sort(), ['data_base64.conversationId', 'data_base64.participantId'])
  const bridged = { ...fixture('eventbridge-customer-start-chat'), detail: { topicName: 5 } }
  assert.deepEqual(pathsOf(cloudEvent(bridged)), ['data.detail.eventBody'])
})

test('a value that is not an object is not a CloudEvent', () => {
  for (const item of [null, 5, 'text', [], undefined])
    assert.match(problemsOf(item)[0]?.message ?? '', /^must be an object, but is /)
})
