import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openProxy } from '../../src/http/open-proxy.ts'
import { createConnect } from '../../src/notifications/socket.ts'
import { certificates, skipWithoutOpenssl, trust } from '../helpers/certificates.ts'
import { startConnectProxy, startTlsFront } from '../helpers/connect-proxy.ts'
import { until } from '../helpers/wait.ts'
import { listener, server } from './websocket-server.ts'

const never = new AbortController().signal

test('a websocket opens through the proxy, with TLS to the target', {
  skip: skipWithoutOpenssl,
}, async (t) => {
  const certificate = await (await certificates(t))('streaming')
  trust(t, certificate.cert)
  const plain = await server(t, (socket) => socket.send('hello'))
  const port = await startTlsFront(t, certificate, plain.replace('ws:', 'http:'))
  const resolve = { 'localhost:443': `127.0.0.1:${port}` }
  const proxy = await startConnectProxy(t, { credentials: 'ada:secret', resolve })
  const url = proxy.url.replace('//', '//ada:secret@')
  const through = createConnect({
    timeoutMs: 10_000,
    allowPlain: false,
    proxy: await openProxy({ url, noProxy: [] }),
  })
  const { seen, ...listening } = listener()
  const result = await through('wss://localhost/channels/c1', listening, never)
  assert.ok(result.kind === 'open', JSON.stringify(result))
  await until('a message arrives', () => seen.texts.length > 0)
  assert.deepEqual([seen.texts, proxy.requests], [['hello'], ['localhost:443']])
  await proxy.goAway()
  await until('the end is reported', () => seen.causes.length > 0)
})

test('a plain websocket opens through a tunnel of the proxy too', async (t) => {
  const uri = await server(t, (socket) => socket.send('hello'))
  const proxy = await startConnectProxy(t)
  const through = createConnect({
    timeoutMs: 10_000,
    allowPlain: true,
    proxy: await openProxy({ url: proxy.url, noProxy: [] }),
  })
  const { seen, ...listening } = listener()
  const result = await through(uri, listening, never)
  assert.ok(result.kind === 'open', JSON.stringify(result))
  await until('a message arrives', () => seen.texts.length > 0)
  assert.deepEqual(proxy.requests, [new URL(uri).host])
  await result.socket.close()
})

test('a websocket that the proxy refuses fails with the name of the proxy and without its password', async (t) => {
  const proxy = await startConnectProxy(t, { credentials: 'ada:right' })
  const url = proxy.url.replace('//', '//ada:wrong-password@')
  const options = { timeoutMs: 10_000, allowPlain: true, proxy: await openProxy({ url, noProxy: [] }) }
  const result = await createConnect(options)('wss://localhost/channels/c1', listener(), never)
  assert.ok(result.kind === 'failed')
  assert.ok(result.cause.startsWith(`the proxy ${proxy.name} refuses the credentials (407): `), result.cause)
  assert.doesNotMatch(result.cause, /wrong-password/)
})

test('an abort and a timeout end a tunnel that is being opened', async (t) => {
  const proxy = await startConnectProxy(t)
  proxy.answerWith(0)
  const through = async (timeoutMs: number) =>
    createConnect({ timeoutMs, allowPlain: true, proxy: await openProxy({ url: proxy.url, noProxy: [] }) })
  const controller = new AbortController()
  const aborted = (await through(60_000))('wss://a.example/', listener(), controller.signal)
  await proxy.someConnection()
  controller.abort()
  assert.equal((await aborted).kind, 'failed')
  await proxy.noConnections()
  const late = await (await through(30))('wss://a.example/', listener(), never)
  assert.match(
    late.kind === 'failed' ? late.cause : '',
    new RegExp(`^the proxy ${proxy.name} did not connect to a.example:443 within 30 ms`),
  )
  await proxy.noConnections()
})

test('NO_PROXY exempts websockets', async (t) => {
  const uri = await server(t, () => {})
  const proxy = await startConnectProxy(t)
  const options = {
    timeoutMs: 10_000,
    allowPlain: true,
    proxy: await openProxy({ url: proxy.url, noProxy: ['127.0.0.0/8'] }),
  }
  const result = await createConnect(options)(uri, listener(), never)
  assert.ok(result.kind === 'open', JSON.stringify(result))
  assert.deepEqual(proxy.requests, [])
  await result.socket.close()
})
