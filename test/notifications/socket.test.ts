import assert from 'node:assert/strict'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { createConnect, readMessage } from '../../src/notifications/socket.ts'
import { until } from '../helpers/wait.ts'
import { listener, server } from './websocket-server.ts'

const never = new AbortController().signal
const connect = createConnect({ timeoutMs: 2_000, allowPlain: true })

for (const uri of ['', 'streaming.mypurecloud.com', 'https://streaming.mypurecloud.com', 'wss://a/b#c']) {
  test(`connect rejects the URI ${uri || '(empty)'}`, async () => {
    const result = await connect(uri, listener(), never)
    assert.equal(result.kind, 'failed')
  })
}

test('a plain websocket is rejected unless the API is a stand-in', async () => {
  const strict = createConnect({ timeoutMs: 2_000, allowPlain: false })
  const result = await strict('ws://127.0.0.1:1/channels/c1', listener(), never)
  assert.deepEqual(result, { kind: 'failed', cause: 'connectUri is not a wss:// URL' })
})

test('a refused connection fails with its error code', async () => {
  const result = await connect('ws://127.0.0.1:1/channels/c1', listener(), never)
  assert.deepEqual(result, { kind: 'failed', cause: 'ECONNREFUSED' })
})

test('messages before the close are delivered, and the end is reported once', async (t) => {
  const uri = await server(t, (socket) => {
    socket.send('first')
    socket.on('message', (data) => socket.send(`you said ${data}`))
  })
  const { seen, ...listening } = listener()
  const result = await connect(uri, listening, never)
  assert.ok(result.kind === 'open')
  result.socket.send('hello')
  await until('it is answered', () => seen.texts.length === 2)
  await Promise.all([result.socket.close(), result.socket.close()])
  assert.deepEqual(seen, { texts: ['first', 'you said hello'], causes: ['closed (1000)'] })
  result.socket.send('too late')
  result.socket.cut()
})

test('an oversized message closes the socket instead of filling the memory', async (t) => {
  const uri = await server(t, (socket) => socket.send('x'.repeat(5_000_000)))
  const { seen, ...listening } = listener()
  assert.equal((await connect(uri, listening, never)).kind, 'open')
  await until('it ends', () => seen.causes.length === 1)
  assert.deepEqual([seen.texts, seen.causes], [[], ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']])
})

test('connecting ends on abort and on timeout', async (t) => {
  const deaf = createServer().listen(0, '127.0.0.1')
  t.after(() => deaf.close())
  await until('it listens', () => deaf.listening)
  const uri = `ws://127.0.0.1:${(deaf.address() as AddressInfo).port}/channels/c1`
  const stop = new AbortController()
  const waiting = connect(uri, listener(), stop.signal)
  stop.abort()
  assert.equal((await waiting).kind, 'failed')
  assert.equal((await connect(uri, listener(), stop.signal)).kind, 'failed')
  const impatient = createConnect({ timeoutMs: 50, allowPlain: true })
  assert.equal((await impatient(uri, listener(), never)).kind, 'failed')
})

for (const [text, kind] of [
  ['{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}', 'heartbeat'],
  ['{"topicName":"channel.metadata","eventBody":{"message":"pong"}}', 'heartbeat'],
  ['{"topicName":"v2.system.socket_closing","eventBody":{}}', 'closing'],
  ['{"topicName":"v2.users.u1.conversations","version":"2","eventBody":{"id":"c1"}}', 'event'],
  ['{"topicName":"v2.users.u1.presence"}', 'event'],
  ['', 'unreadable'],
  ['null', 'unreadable'],
  ['[]', 'unreadable'],
  ['{"eventBody":{}}', 'unreadable'],
  ['{"topicName":5}', 'unreadable'],
  ['{"topicName":"v2.users', 'unreadable'],
  [`{"topicName":"v2.users.u1.conversations","eventBody":${'['.repeat(99)}${']'.repeat(99)}}`, 'unreadable'],
] as const) {
  test(`${text || 'nothing'} is ${kind}`, () => {
    const message = readMessage(text)
    assert.equal(message.kind, kind)
    if (message.kind === 'event') assert.deepEqual(message.item, JSON.parse(text))
  })
}
