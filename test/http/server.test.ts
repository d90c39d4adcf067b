import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../src/errors.ts'
import { createServer, openServer } from '../../src/http/server.ts'
import { captureLog } from '../helpers/log.ts'

function start(t: TestContext, random = () => 0, requestTimeoutMs?: number) {
  const log = captureLog()
  const timeout = requestTimeoutMs === undefined ? {} : { requestTimeoutMs }
  const server = createServer({ logger: log.logger, maxBodyBytes: 1_000, random, ...timeout })
  t.after(() => server.close())
  return { server, log }
}

async function open(server: FastifyInstance): Promise<Socket> {
  if (!server.server.listening) await server.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** Everything that the server sends until it closes the connection. */
async function untilClosed(socket: Socket): Promise<{ head: string; body: string }> {
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await once(socket, 'close')
  const border = text.indexOf('\r\n\r\n')
  return { head: text.slice(0, border), body: text.slice(border + 4) }
}

test('an unknown route is a 404 problem for every method', async (t) => {
  const { server } = start(t)
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'] as const) {
    const response = await server.inject({ method, url: '/no/such/route' })
    assert.equal(response.statusCode, 404)
    assert.match(String(response.headers['content-type']), /^application\/problem\+json/)
    if (method === 'HEAD') continue
    const { code, detail, requestId } = response.json()
    assert.equal(code, 'route_not_found')
    assert.match(detail, /POST \/webhooks\/genesys/)
    assert.match(requestId, /^[0-9a-f-]{36}$/)
  }
})

// A POST with a broken body to a wrong path once got 400, which hid the wrong path.
for (const [type, payload] of [
  ['application/json', '{'],
  ['text/xml', '<a/>'],
  ['application/json', 'x'.repeat(2_000)],
] as const) {
  test(`regression: an unknown route is 404 with any body: ${type}, ${payload.length} bytes`, async (t) => {
    const { server } = start(t)
    const headers = { 'content-type': type }
    assert.equal((await server.inject({ method: 'POST', url: '/nowhere', headers, payload })).statusCode, 404)
  })
}

test('trailing and double slashes are ignored, except encoded ones in a parameter', async (t) => {
  const { server } = start(t)
  server.get('/items/:id', async (request) => request.params)
  const idAt = async (url: string) => (await server.inject({ url })).json().id
  for (const url of ['/items/a', '/items/a/', '//items/a', '/items//a//', '/items/a/?x=//'])
    assert.equal(await idAt(url), 'a', url)
  assert.equal(await idAt('/items/a%2F%2Fb%2F'), 'a//b/')
  for (const url of ['/', '//', '/items', '/items/', '/items//'])
    assert.equal((await server.inject({ url })).statusCode, 404, url)
})

test('a URL that cannot be decoded is a 400 problem', async (t) => {
  const { server } = start(t)
  const response = await server.inject({ method: 'GET', url: '/%zz' })
  assert.equal(response.statusCode, 400)
  assert.equal(response.json().code, 'invalid_request')
})

test('an unexpected error is 500, and its message reaches neither the answer nor the log', async (t) => {
  const { server, log } = start(t)
  server.get('/broken', async () => {
    throw Object.assign(new Error('hush: password=1234'), { code: 'E_BROKEN' })
  })
  const response = await server.inject('/broken')
  assert.equal(response.statusCode, 500)
  assert.equal(response.headers['retry-after'], undefined, 'sending it again would not help')
  const { code, requestId } = response.json()
  assert.equal(code, 'internal_error')
  const [entry] = log.entries().filter((line) => line.code === 'internal_error')
  assert.equal(entry?.reqId, requestId, 'the request id of the answer finds the log line')
  assert.equal((entry?.err as { code?: string } | undefined)?.code, 'E_BROKEN')
  assert.doesNotMatch(response.body + log.text(), /hush|1234/)
})

test('Retry-After of a 503 is random between 5 and 15 s', async (t) => {
  for (const [random, seconds] of [
    [0, '5'],
    [0.5, '10'],
    [0.9999, '15'],
  ] as const) {
    const { server } = start(t, () => random)
    server.get('/full', async () => {
      throw new Problem('inbox_full')
    })
    const response = await server.inject('/full')
    assert.equal(response.statusCode, 503)
    assert.equal(response.headers['retry-after'], seconds)
  }
})

test('only a 401 has WWW-Authenticate, and only a 503 has Retry-After', async (t) => {
  const { server } = start(t)
  server.get('/problem/:code', async (request) => {
    throw new Problem((request.params as { code: 'unauthorized' }).code)
  })
  const headersOf = async (code: string) => (await server.inject(`/problem/${code}`)).headers
  assert.equal((await headersOf('unauthorized'))['www-authenticate'], 'Bearer')
  assert.equal((await headersOf('unauthorized'))['retry-after'], undefined)
  assert.equal((await headersOf('invalid_json'))['www-authenticate'], undefined)
  assert.equal((await headersOf('invalid_json'))['retry-after'], undefined)
})

test('a body that is too large or of an unsupported type is a problem on every route', async (t) => {
  const { server } = start(t)
  server.post('/echo', async (request) => request.body)
  const post = async (type: string, payload: string) => {
    const headers = { 'content-type': type }
    const response = await server.inject({ method: 'POST', url: '/echo', headers, payload })
    return [response.statusCode, response.json().code]
  }
  assert.deepEqual(await post('application/json', JSON.stringify('x'.repeat(1_000))), [
    413,
    'payload_too_large',
  ])
  assert.deepEqual(await post('application/xml', '<a/>'), [415, 'unsupported_media_type'])
  assert.deepEqual(await post('application/json', '{'), [400, 'invalid_request'])
})

test('successful requests are not logged', async (t) => {
  const { server, log } = start(t)
  server.get('/fine', async () => ({}))
  await server.inject('/fine')
  assert.equal(log.text(), '')
})

// Fastify once answered these in its own format instead of a problem document.
for (const [what, bytes] of [
  ['no HTTP', 'hello?\r\n\r\n'],
  ['a header of 20 kB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['a length that is not a number', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n'],
] as const) {
  test(`regression: ${what} gets a problem, and the connection is closed`, async (t) => {
    const { server } = start(t)
    const socket = await open(server)
    socket.write(bytes)
    const { head, body } = await untilClosed(socket)
    assert.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/)
    assert.match(head, /Content-Type: application\/problem\+json/)
    assert.match(head, new RegExp(`Content-Length: ${Buffer.byteLength(body)}$`))
    assert.equal(JSON.parse(body).code, 'invalid_request')
    assert.match(JSON.parse(body).detail, /HPE_/)
  })
}

test('regression: a request that never ends gets the problem request_timeout', async (t) => {
  const { server } = start(t)
  const accepted = once(server.server, 'connection')
  const socket = await open(server)
  const [peer] = await accepted
  // Node.js emits it after requestTimeout (30 s); the test emits it at once
  const timeout = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
  server.server.emit('clientError', timeout, peer)
  const { head, body } = await untilClosed(socket)
  assert.match(head, /^HTTP\/1\.1 408 Request Timeout\r\n/)
  assert.equal(JSON.parse(body).code, 'request_timeout')
})

for (const [what, bytes] of [
  ['in its headers', 'POST /echo HTTP/1.1\r\nHost: x\r\nX'],
  ['in its body', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{'],
  ['in a chunk', 'POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na'],
] as const) {
  test(`a client that stalls ${what} gets 408 and is disconnected, while others are served`, async (t) => {
    const { server } = start(t, undefined, 200)
    server.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body)
    server.post('/echo', async () => 'whole')
    const socket = await open(server)
    const closed = untilClosed(socket)
    socket.write(bytes)
    assert.equal((await server.inject({ method: 'POST', url: '/echo' })).body, 'whole')
    const { head, body } = await closed
    assert.match(head, /^HTTP\/1\.1 408 Request Timeout\r\n/)
    assert.equal(JSON.parse(body).code, 'request_timeout')
  })
}

test('a sender that disconnects is not logged as an error', async (t) => {
  const { server, log } = start(t)
  server.post('/echo', async (request) => request.body)
  const accepted = once(server.server, 'connection')
  const socket = await open(server)
  const [peer] = await accepted
  const closed = new Promise((resolve) => peer.once('close', resolve))
  const received = once(server.server, 'request')
  socket.write(
    'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{',
  )
  await received
  socket.resetAndDestroy()
  await closed
  assert.deepEqual(
    log.entries().filter(({ level }) => level === 'error' || level === 'fatal'),
    [],
  )
})

test('opening the port writes no line, and later lines are written', async (t) => {
  const { server, log } = start(t)
  await openServer(server, { host: '127.0.0.1', port: 0 })
  assert.deepEqual(log.entries(), [])
  server.log.info('later')
  assert.deepEqual(
    log.entries().map(({ msg }) => msg),
    ['later'],
  )
})

test('a port in use rejects, and later lines are written', async (t) => {
  const { server: first } = start(t)
  await openServer(first, { host: '127.0.0.1', port: 0 })
  const { server, log } = start(t)
  const { port } = first.server.address() as AddressInfo
  await assert.rejects(openServer(server, { host: '127.0.0.1', port }), { code: 'EADDRINUSE' })
  server.log.info('later')
  assert.equal(log.entries().length, 1)
})
