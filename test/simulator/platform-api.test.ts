import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  attributesPath,
  call,
  errorOf,
  field,
  obtainToken,
  patch,
  start,
  startWithConversation,
} from './harness.ts'

const tutorialPath = '/api/v2/conversations/c1/participants/p1'

test('GET conversation has the fields of the official API', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const response = await call(simulator, token, '/api/v2/conversations/c1')
  assert.equal(response.status, 200)
  const body: unknown = await response.json()
  assert.deepEqual(body, simulator.conversation('c1'))
  assert.equal(field(body, 'selfUri'), '/api/v2/conversations/c1')
  assert.equal(field(body, 'recordingState'), 'NONE')
  const participants = field(body, 'participants')
  assert.ok(Array.isArray(participants))
  assert.deepEqual(
    participants.map((participant) => [participant.id, participant.purpose, participant.userId]),
    [
      ['p1', 'customer', undefined],
      ['p2', 'agent', 'u1'],
    ],
  )
  assert.deepEqual(participants[0].attributes, { kept: 'yes' })
  assert.deepEqual(participants[0].calls, [])
  assert.match(participants[0].startTime, /^\d{4}-\d\d-\d\dT.*Z$/)
})

test('PATCH attributes answers 202 with an empty body and merges', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const response = await patch(simulator, token, { attributes: { tier: 'gold', kept: '' } })
  assert.deepEqual([response.status, await response.text()], [202, ''])
  await patch(simulator, token, { attributes: { region: 'emea' } })
  const attributes = simulator.conversation('c1')?.participants[0]?.attributes
  assert.deepEqual(attributes, { kept: '', tier: 'gold', region: 'emea' })
  assert.deepEqual(simulator.conversation('c1')?.participants[1]?.attributes, {})
})

test('attribute names that are special in JavaScript are stored like others', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const response = await patch(simulator, token, '{"attributes":{"__proto__":"a","constructor":"b"}}')
  assert.equal(response.status, 202)
  const attributes = simulator.conversation('c1')?.participants[0]?.attributes ?? {}
  assert.deepEqual(Object.entries(attributes), [
    ['kept', 'yes'],
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
})

test('the tutorial profile lists participants and answers a PATCH with the participant', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const list = await call(simulator, token, '/api/v2/conversations/c1/participants')
  assert.equal(list.status, 200)
  assert.deepEqual(await list.json(), { entities: simulator.conversation('c1')?.participants })
  assert.equal(simulator.conversation('c1')?.participants[0]?.externalId, 'customer_12345')

  const response = await patch(simulator, token, { attributes: { tier: 'gold' } }, tutorialPath)
  assert.equal(response.status, 200)
  assert.deepEqual(field(await response.json(), 'attributes'), { kept: 'yes', tier: 'gold' })
})

const wrongBodies: [name: string, body: unknown][] = [
  ['a number', { attributes: { a: 1 } }],
  ['a boolean', { attributes: { a: true } }],
  ['null as value', { attributes: { a: null } }],
  ['no attributes', { attributes: {} }],
  ['attributes missing', {}],
  ['attributes null', { attributes: null }],
  ['attributes a list', { attributes: ['a'] }],
  ['attributes bare', { a: '1' }],
  ['a field of MediaParticipantRequest', { attributes: { a: '1' }, state: 'disconnected' }],
  ['a list', [{ attributes: { a: '1' } }]],
  ['null', 'null'],
  ['broken JSON', '{"attributes":'],
  ['nothing', ''],
]

for (const [name, body] of wrongBodies) {
  test(`both PATCHes refuse with 400: ${name}`, async (t) => {
    const { simulator, token } = await startWithConversation(t)
    for (const path of [attributesPath, tutorialPath]) {
      assert.deepEqual(await errorOf(await patch(simulator, token, body, path)), [400, 'bad.request'])
    }
    assert.deepEqual(simulator.conversation('c1')?.participants[0]?.attributes, { kept: 'yes' })
    const recorded = simulator.calls(1).map((each) => [each.status, each.applied, each.attributes])
    assert.deepEqual(recorded, [
      [400, false, undefined],
      [400, false, undefined],
    ])
  })
}

test('a PATCH without a body answers 400', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  assert.deepEqual(await errorOf(await call(simulator, token, attributesPath, { method: 'PATCH' })), [
    400,
    'bad.request',
  ])
})

test('a wrong or malformed content type answers 415 and is logged', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  for (const type of ['text/plain', 'nonsense', 'application/jsonx']) {
    const init = { method: 'PATCH', headers: { 'Content-Type': type }, body: '{"attributes":{"a":"1"}}' }
    const response = await call(simulator, token, attributesPath, init)
    assert.deepEqual(await errorOf(response), [415, 'unsupported.media.type'])
    assert.ok(response.headers.has('inin-ratelimit-count'))
  }
  assert.deepEqual(
    simulator.calls(1).map((each) => each.status),
    [415, 415, 415],
  )
})

test('512,000 bytes are accepted, one more answers 413', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const empty = JSON.stringify({ attributes: { a: '' } }).length
  // Two bytes per character: the limit counts bytes.
  const fill = (bytes: number) => ({ attributes: { a: `é${'x'.repeat(bytes - empty - 2)}` } })
  assert.equal((await patch(simulator, token, fill(512_000))).status, 202)
  const tooLarge = await patch(simulator, token, fill(512_001))
  assert.deepEqual(await errorOf(tooLarge), [413, 'request.entity.too.large'])
})

test('unknown conversations, participants and paths answer 404', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const attributes = { attributes: { a: '1' } }
  const unknownParticipant = '/api/v2/conversations/c1/participants/nobody/attributes'
  const unknownConversation = '/api/v2/conversations/c2/participants/p1/attributes'
  const answers = [
    await call(simulator, token, '/api/v2/conversations/c2'),
    await call(simulator, token, '/api/v2/conversations/c2/participants'),
    await patch(simulator, token, attributes, unknownConversation),
    await patch(simulator, token, attributes, unknownParticipant),
    await call(simulator, token, '/api/v2/users/me'),
    await call(simulator, token, '/api/v2/conversations/c1', { method: 'DELETE' }),
  ]
  assert.deepEqual(await Promise.all(answers.map(errorOf)), [
    [404, 'conversation.not.found'],
    [404, 'conversation.not.found'],
    [404, 'conversation.not.found'],
    [404, 'participant.not.found'],
    [404, 'not.found'],
    [404, 'not.found'],
  ])
  assert.equal(simulator.conversation('c2'), undefined)
})

test('invalid ids answer 400, strict or lenient', async (t) => {
  const simulator = await start(t, { strict: false })
  const token = await obtainToken(simulator)
  for (const id of ['a%20b', 'a.b', 'a:b', 'ü', 'a'.repeat(129)]) {
    const response = await call(simulator, token, `/api/v2/conversations/${id}`)
    assert.equal(response.status, 400, id)
  }
  const malformed = await call(simulator, token, '/api/v2/conversations/%zz')
  assert.equal(malformed.status, 400)
  const longest = await call(simulator, token, `/api/v2/conversations/${'a'.repeat(128)}`)
  assert.equal(longest.status, 200)
})

test('lenient creates conversations and participants on first use', async (t) => {
  const simulator = await start(t, { strict: false })
  const token = await obtainToken(simulator)
  assert.equal((await patch(simulator, token, { attributes: { a: '1' } })).status, 202)
  const [participant] = simulator.conversation('c1')?.participants ?? []
  assert.deepEqual(
    [participant?.id, participant?.purpose, participant?.attributes],
    ['p1', 'customer', { a: '1' }],
  )
  assert.equal(simulator.conversation('c9'), undefined)
  const read = await call(simulator, token, '/api/v2/conversations/c9')
  assert.deepEqual([read.status, field(await read.json(), 'participants')], [200, []])
})

test('a PATCH after the end of the conversation is accepted and logged with afterEnd', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  await patch(simulator, token, { attributes: { a: '1' } })
  simulator.endConversation('c1')
  assert.equal((await patch(simulator, token, { attributes: { a: '2' } })).status, 202)
  assert.deepEqual(
    simulator.calls(1).map((each) => each.afterEnd),
    [undefined, true],
  )
  assert.equal(simulator.conversation('c1')?.participants[0]?.attributes.a, '2')
})

test('a PATCH is logged with its attributes and target', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  await patch(simulator, token, { attributes: { a: '1', b: '' } }, `${attributesPath}?x=1`)
  const [recorded] = simulator.calls(1)
  assert.ok(recorded !== undefined && Math.abs(Date.now() - recorded.at) < 60_000)
  assert.deepEqual(
    { ...recorded, at: 0 },
    {
      seq: 2,
      at: 0,
      method: 'PATCH',
      path: attributesPath,
      status: 202,
      conversationId: 'c1',
      participantId: 'p1',
      attributes: { a: '1', b: '' },
      token: 1,
      authorized: true,
      applied: true,
      inFlightForParticipant: 1,
    },
  )
})
