import assert from 'node:assert/strict'
import { test } from 'node:test'
import { control, field, manualClock, patch, start, startWithConversation } from './harness.ts'

test('a conversation is created with 201, updated with 200, and returned', async (t) => {
  const simulator = await start(t)
  const first = await control(simulator, 'POST', '/conversations', {
    id: 'c1',
    direction: 'inbound',
    participants: [{ id: 'p1', purpose: 'customer', attributes: { a: '1', b: '1' }, ani: 'tel:+1' }],
  })
  assert.equal(first.status, 201)
  const second = await control(simulator, 'POST', '/conversations', {
    id: 'c1',
    participants: [
      { id: 'p1', purpose: 'external', attributes: { b: '2' } },
      { id: 'p2', purpose: 'agent' },
    ],
  })
  assert.equal(second.status, 200)
  const shown: unknown = await (await control(simulator, 'GET', '/conversations/c1')).json()
  assert.deepEqual(shown, await second.json())
  assert.equal(field(shown, 'direction'), 'inbound')
  const [customer, agent] = simulator.conversation('c1')?.participants ?? []
  assert.deepEqual(
    [customer?.purpose, customer?.attributes, customer?.ani],
    ['external', { a: '1', b: '2' }, 'tel:+1'],
  )
  assert.equal(agent?.purpose, 'agent')
})

test('GET of the controls never creates a conversation, even when lenient', async (t) => {
  const simulator = await start(t, { strict: false })
  for (const [method, path] of [
    ['GET', '/conversations/c1'],
    ['POST', '/conversations/c1/end'],
  ] as const) {
    assert.equal((await control(simulator, method, path)).status, 404)
  }
  assert.equal(simulator.conversation('c1'), undefined)
})

test('ending a conversation ends its participants, once', async (t) => {
  const clock = manualClock()
  const { simulator } = await startWithConversation(t, { now: clock.now })
  clock.advance(5_000)
  const ended: unknown = await (await control(simulator, 'POST', '/conversations/c1/end')).json()
  const endTime = new Date(clock.now()).toISOString()
  assert.equal(field(ended, 'endTime'), endTime)
  clock.advance(5_000)
  const again = simulator.endConversation('c1')
  assert.equal(again?.endTime, endTime)
  assert.deepEqual(
    again?.participants.map((participant) => participant.endTime),
    [endTime, endTime],
  )
})

test('calls are paged with a cursor', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const read = async (query: string) => {
    const body: unknown = await (await control(simulator, 'GET', `/calls${query}`)).json()
    const calls = field(body, 'calls')
    assert.ok(Array.isArray(calls))
    return [calls.map((call) => call.seq), field(body, 'next')]
  }
  for (const a of ['1', '2']) await patch(simulator, token, { attributes: { a } })
  assert.deepEqual(await read(''), [[1, 2, 3], 3])
  assert.deepEqual(await read('?after=1'), [[2, 3], 3])
  assert.deepEqual(await read('?after=3'), [[], 3])
})

test('faults are added, listed with their remaining times, and cleared', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const added = await control(simulator, 'POST', '/faults', {
    match: { method: 'patch' },
    times: 3,
    status: 503,
  })
  assert.equal(added.status, 201)
  assert.deepEqual(await added.json(), { match: { method: 'PATCH' }, times: 3, status: 503 })
  await patch(simulator, token, { attributes: { a: '1' } })
  const listed: unknown = await (await control(simulator, 'GET', '/faults')).json()
  assert.deepEqual(listed, { faults: [{ match: { method: 'PATCH' }, times: 2, status: 503 }] })
  assert.equal((await control(simulator, 'DELETE', '/faults')).status, 204)
  assert.equal((await patch(simulator, token, { attributes: { a: '1' } })).status, 202)
})

const wrong: [method: string, path: string, body: unknown, message: RegExp][] = [
  ['POST', '/faults', {}, /status, reset, delayMs/],
  ['POST', '/faults', { status: 99 }, /^status: /],
  ['POST', '/faults', { status: 500, times: 0 }, /^times: /],
  ['POST', '/faults', { status: 500, reset: true }, /exclude/],
  ['POST', '/faults', { delayMs: 1, body: {} }, /needs a status/],
  ['POST', '/faults', { reset: true, headers: { a: 'b' } }, /exclude/],
  ['POST', '/faults', { status: 500, match: { path: 'api' } }, /^match\.path: /],
  ['POST', '/faults', { status: 500, headers: { 'bad name': 'x' } }, /^headers: "bad name" cannot be set/],
  ['POST', '/faults', { status: 500, headers: { a: 'line\nbreak' } }, /^headers: /],
  [
    'POST',
    '/faults',
    { status: 500, headers: { 'Content-Length': '9' } },
    /^headers: "Content-Length" cannot be set/,
  ],
  ['POST', '/faults', { status: 500, tmies: 2 }, /tmies/],
  ['POST', '/conversations', { participants: [] }, /^id: /],
  ['POST', '/conversations', { id: 'a b' }, /^id: /],
  ['POST', '/conversations', { id: 'c', participants: [{ id: 'p' }] }, /^participants\.0\.purpose: /],
  [
    'POST',
    '/conversations',
    { id: 'c', participants: [{ id: 'p', purpose: 'agent', attributes: { a: 1 } }] },
    /attributes\.a: /,
  ],
  ['POST', '/conversations', { id: 'c', endTime: 'soon' }, /^endTime: /],
  ['POST', '/conversations', undefined, /^body: /],
  ['POST', '/spend', { calls: -1 }, /^calls: /],
  ['POST', '/spend', { calls: '5' }, /^calls: /],
  ['POST', '/rate-limit', {}, /allowed, windowMs/],
  ['POST', '/rate-limit', { allowed: 0 }, /^allowed: /],
  ['GET', '/calls?after=x', undefined, /^after: /],
]

for (const [method, path, body, message] of wrong) {
  test(`refused with 400: ${method} ${path} ${JSON.stringify(body)}`, async (t) => {
    const response = await control(await start(t), method, path, body)
    const problem: unknown = await response.json()
    assert.equal(response.status, 400)
    assert.equal(field(problem, 'code'), 'invalid.request')
    assert.match(String(field(problem, 'message')), message)
  })
}

test('a body that is not JSON answers 400, one without a content type is read', async (t) => {
  const simulator = await start(t)
  const post = (body: string) => fetch(`${simulator.url}/simulator/faults`, { method: 'POST', body })
  const broken = await post('{')
  assert.deepEqual(
    [broken.status, field(await broken.json(), 'message')],
    [400, 'The request body is not JSON.'],
  )
  assert.equal((await post('{"status":500}')).status, 201)
})
