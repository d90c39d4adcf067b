import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts'
import { call, control, errorOf, field, obtainToken, start, until } from './harness.ts'

const channelsPath = '/api/v2/notifications/channels'

async function startWithToken(t: TestContext, options: SimulatorOptions = {}) {
  const simulator = await start(t, options)
  const token = await obtainToken(simulator)
  const createChannel = async () => {
    const response = await call(simulator, token, channelsPath, { method: 'POST' })
    assert.equal(response.status, 200)
    return (await response.json()) as { id: string; connectUri: string; expires: string }
  }
  const subscribe = (id: string, topics: unknown, method = 'PUT', query = '') =>
    call(simulator, token, `${channelsPath}/${id}/subscriptions${query}`, {
      method,
      body: JSON.stringify(Array.isArray(topics) ? topics.map((id) => ({ id })) : topics),
    })
  return { simulator, token, createChannel, subscribe }
}

async function connect(uri: string) {
  const socket = new WebSocket(uri)
  const texts: unknown[] = []
  socket.on('message', (data) => texts.push(JSON.parse(data.toString())))
  await once(socket, 'open')
  return { socket, texts, closed: once(socket, 'close').then(([code]) => code) }
}

const topicsOf = (simulator: Simulator) => simulator.channels().map(({ topics }) => topics)

test('a new channel has a connect URI and an expiry time', async (t) => {
  const { simulator, createChannel } = await startWithToken(t, { channelLifeMs: 60_000 })
  const { id, connectUri, expires } = await createChannel()
  assert.equal(connectUri, `${simulator.url.replace('http', 'ws')}/channels/${id}`)
  const lifeMs = Date.parse(expires) - Date.now()
  assert.ok(lifeMs > 50_000 && lifeMs <= 60_000)
  assert.deepEqual(simulator.channels(), [{ id, expires, topics: [], connected: false }])
})

test('PUT replaces the topics of a channel, POST adds topics', async (t) => {
  const { simulator, createChannel, subscribe } = await startWithToken(t)
  const { id } = await createChannel()
  await subscribe(id, ['v2.users.a.conversations'])
  const answer: unknown = await (await subscribe(id, ['v2.users.B.conversations'])).json()
  assert.deepEqual(field(answer, 'entities'), [{ id: 'v2.users.B.conversations', state: 'Permitted' }])
  await subscribe(id, ['v2.users.c.conversations'], 'POST')
  assert.deepEqual(topicsOf(simulator), [['v2.users.b.conversations', 'v2.users.c.conversations']])
})

test('invalid subscriptions are refused with a message', async (t) => {
  const { simulator, createChannel, subscribe } = await startWithToken(t)
  const { id } = await createChannel()
  assert.deepEqual(await errorOf(await subscribe('gone', [])), [404, 'not.found'])
  assert.deepEqual(await errorOf(await subscribe(id, { id: 'v2.users.a' })), [400, 'bad.request'])
  const many = Array.from({ length: 1_001 }, (_, index) => `v2.users.u${index}.conversations`)
  assert.deepEqual(await errorOf(await subscribe(id, many)), [400, 'bad.request'])
  const unknown = ['v2.routing.queues.q1.conversations', 'v2.users.a.conversations']
  assert.deepEqual(await errorOf(await subscribe(id, unknown)), [400, 'bad.request'])
  assert.deepEqual(topicsOf(simulator), [[]])
  const partly: unknown = await (await subscribe(id, unknown, 'PUT', '?ignoreErrors=true')).json()
  const entities = field(partly, 'entities')
  assert.ok(Array.isArray(entities))
  assert.deepEqual(
    entities.map(({ state }) => state),
    ['Rejected', 'Permitted'],
  )
  assert.deepEqual(topicsOf(simulator), [['v2.users.a.conversations']])
})

test('queues are found by ids, or by a part of the name in any letter case', async (t) => {
  const { simulator, token } = await startWithToken(t)
  const east = simulator.createQueue({ name: 'Sales East' })
  const west = simulator.createQueue({ id: 'west', name: 'Sales West' })
  simulator.createQueue({ name: 'Billing' })
  const find = async (query: string) => {
    const body: unknown = await (await call(simulator, token, `/api/v2/routing/queues?${query}`)).json()
    return field(body, 'entities')
  }
  assert.deepEqual(await find('name=sales'), [east, west])
  assert.deepEqual(await find('id=west&id=gone'), [west])
  assert.deepEqual(await find('name=sales&pageSize=1'), [east])
  assert.deepEqual(await find('name=none'), [])
  assert.deepEqual(await errorOf(await call(simulator, token, '/api/v2/routing/queues?name=a&name=b')), [
    400,
    'bad.request',
  ])
})

test('lenient creates queues on first use', async (t) => {
  const { simulator, token, createChannel, subscribe } = await startWithToken(t, { strict: false })
  for (const query of ['name=Sales', 'id=q1']) {
    const body: unknown = await (await call(simulator, token, `/api/v2/routing/queues?${query}`)).json()
    const entities = field(body, 'entities')
    assert.ok(Array.isArray(entities) && entities.length === 1)
  }
  const { id } = await createChannel()
  assert.equal((await subscribe(id, ['v2.routing.queues.any.conversations'])).status, 200)
})

test('a notification goes to the sockets subscribed to its topic, a system notification to all', async (t) => {
  const { simulator, createChannel, subscribe } = await startWithToken(t)
  const channels = [await createChannel(), await createChannel(), await createChannel()]
  await subscribe(String(channels[0]?.id), ['v2.users.a.conversations'])
  await subscribe(String(channels[1]?.id), ['v2.users.a.conversations', 'v2.users.b.conversations'])
  const [first, second] = [
    await connect(String(channels[0]?.connectUri)),
    await connect(String(channels[1]?.connectUri)),
  ]
  const sent: unknown = await (
    await control(simulator, 'POST', '/notifications', {
      topicName: 'v2.users.a.conversations',
      eventBody: { id: 'c1' },
    })
  ).json()
  assert.deepEqual(sent, { sent: 2 })
  assert.equal(
    simulator.notify({ topicName: 'v2.users.b.conversations', metadata: { CorrelationId: 'x' } }),
    1,
  )
  assert.equal(simulator.notify({ topicName: 'v2.users.nobody.conversations' }), 0)
  assert.equal(simulator.notify({ topicName: 'v2.system.socket_closing' }), 2)
  await until(() => first.texts.length === 2 && second.texts.length === 3)
  const [copy, other] = [first.texts[0], second.texts[0]]
  assert.deepEqual(copy, other, 'both get the same, correlation id included')
  assert.deepEqual([field(copy, 'version'), field(copy, 'eventBody')], ['2', { id: 'c1' }])
  assert.equal(field(second.texts[1], 'topicName'), 'v2.users.b.conversations')
  for (const { socket } of [first, second]) socket.terminate()
})

test('the simulator sends heartbeats, and a pong for each ping', async (t) => {
  const { createChannel } = await startWithToken(t, { heartbeatMs: 10 })
  const { socket, texts } = await connect((await createChannel()).connectUri)
  socket.send('{"message":"ping"}')
  socket.send('no JSON')
  const messages = () => texts.map((text) => field(field(text, 'eventBody'), 'message'))
  await until(() => messages().includes('pong') && messages().includes('WebSocket Heartbeat'))
  socket.terminate()
})

test('a new socket of a channel replaces the previous one, and an unknown channel answers 404', async (t) => {
  const { simulator, createChannel } = await startWithToken(t)
  const { connectUri } = await createChannel()
  const first = await connect(connectUri)
  const second = await connect(connectUri)
  assert.equal(await first.closed, 1006)
  assert.equal(simulator.channels()[0]?.connected, true)
  second.socket.terminate()
  await until(() => simulator.channels()[0]?.connected === false)
  await assert.rejects(connect(`${connectUri}0`), /404/)
  await assert.rejects(connect(simulator.url.replace('http', 'ws')), /404/)
})

test('a channel ends after its life, which a subscription renews', async (t) => {
  const { simulator, createChannel, subscribe } = await startWithToken(t, { channelLifeMs: 150 })
  const short = await createChannel()
  const { closed } = await connect(short.connectUri)
  assert.equal(await closed, 1001)
  assert.deepEqual(simulator.channels(), [])
  await assert.rejects(connect(short.connectUri), /404/)
  const long = await createChannel()
  await subscribe(long.id, [])
  assert.ok(Date.parse(String(simulator.channels()[0]?.expires)) >= Date.parse(long.expires))
})

test('the 21st channel ends the oldest one without a socket', async (t) => {
  const { simulator, createChannel } = await startWithToken(t)
  const first = await createChannel()
  const { socket } = await connect(first.connectUri)
  const second = await createChannel()
  for (let index = 2; index < 21; index += 1) await createChannel()
  const alive = simulator.channels().map(({ id }) => id)
  assert.deepEqual([alive.length, alive.includes(first.id), alive.includes(second.id)], [20, true, false])
  socket.terminate()
})

test('sockets are closed with a code, terminated, or muted', async (t) => {
  const { simulator, createChannel, subscribe } = await startWithToken(t, { heartbeatMs: 10 })
  const { id, connectUri } = await createChannel()
  await subscribe(id, ['v2.users.a.conversations'])
  for (const [body, code] of [
    [{ code: 4_001 }, 4_001],
    [undefined, 1_006],
  ] as const) {
    const { closed } = await connect(connectUri)
    assert.deepEqual(await (await control(simulator, 'POST', '/notifications/drop', body)).json(), {
      dropped: 1,
    })
    assert.equal(await closed, code)
  }
  const { socket, texts } = await connect(connectUri)
  assert.deepEqual(await (await control(simulator, 'POST', '/notifications/mute')).json(), { muted: 1 })
  assert.equal(simulator.notify({ topicName: 'v2.users.a.conversations' }), 0)
  socket.send('{"message":"ping"}')
  const before = texts.length
  const listed: unknown = await (await control(simulator, 'GET', '/notifications/channels')).json()
  assert.deepEqual(field(listed, 'channels'), simulator.channels())
  assert.ok(texts.length <= before + 1)
  assert.deepEqual(await (await control(simulator, 'DELETE', '/notifications/channels')).json(), { ended: 1 })
  socket.terminate()
})

const wrong: [path: string, body: unknown, message: RegExp][] = [
  ['/notifications', {}, /^topicName: /],
  ['/notifications/drop', { code: 42 }, /^code: /],
  ['/queues', {}, /^name: /],
  ['/queues', { id: 'a b', name: 'x' }, /^id: /],
]
for (const [path, body, message] of wrong) {
  test(`POST ${path} ${JSON.stringify(body)} answers 400 and names the invalid field`, async (t) => {
    const response = await control(await start(t), 'POST', path, body)
    assert.equal(response.status, 400)
    assert.match(String(field(await response.json(), 'message')), message)
  })
}

test('close ends the sockets and the channels', async () => {
  const simulator = await startSimulator()
  const token = await obtainToken(simulator)
  const body: unknown = await (await call(simulator, token, channelsPath, { method: 'POST' })).json()
  const { closed } = await connect(String(field(body, 'connectUri')))
  await simulator.close()
  assert.equal(await closed, 1006)
})
