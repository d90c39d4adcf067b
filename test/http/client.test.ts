import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { version } from '../../src/config/version.ts'
import { createHttp, type HttpOptions, type HttpRequest } from '../../src/http/client.ts'
import { serve } from '../genesys/harness.ts'
import { until } from '../helpers/wait.ts'

function setUp(t: TestContext, options: Partial<HttpOptions> = {}) {
  const client = createHttp({ timeoutMs: 5_000, maxSockets: 2, ...options })
  t.after(client.close)
  return client
}

const get = (url: string): HttpRequest => ({ method: 'GET', url, headers: {} })

test('a response is returned with status, headers and unparsed body', async (t) => {
  const { http } = setUp(t)
  const { url } = await serve(t, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      response.writeHead(418, {
        'X-Seen': Buffer.concat(chunks).toString(),
        'Content-Type': 'application/json',
      })
      response.end('{"broken')
    })
  })
  const result = await http({
    method: 'PATCH',
    url,
    headers: { 'content-type': 'application/json' },
    body: '{"a": "as sent"}',
  })
  assert.ok(result.kind === 'answered')
  const { status, headers, body } = result.answer
  assert.deepEqual([status, headers['x-seen'], body], [418, '{"a": "as sent"}', '{"broken'])
})

test('requests have a user agent', async (t) => {
  const { http } = setUp(t)
  const { url } = await serve(t, (request, response) => response.end(request.headers['user-agent']))
  const result = await http(get(url))
  assert.ok(result.kind === 'answered')
  assert.equal(result.answer.body, `genesys-enricher/${version}`)
})

/** Also if the call ended before its connection reached the server. */
const untilNoConnection = (server: Server) =>
  until('the socket is closed', async () => (await promisify(server.getConnections.bind(server))()) === 0)

test('a timeout fails the call and closes its socket', async (t) => {
  const { http } = setUp(t, { timeoutMs: 50 })
  const { url, server } = await serve(t, () => {})
  assert.deepEqual(await http(get(url)), { kind: 'failed', detail: 'no answer within 50 ms' })
  await untilNoConnection(server)
})

test('a response body that never ends times out', async (t) => {
  const { http } = setUp(t, { timeoutMs: 50 })
  const { url, server } = await serve(t, (_request, response) => response.writeHead(200).write('and'))
  assert.deepEqual(await http(get(url)), { kind: 'failed', detail: 'no answer within 50 ms' })
  await untilNoConnection(server)
})

test('a reset or refused connection fails with its code', async (t) => {
  const { http } = setUp(t)
  const { url, server } = await serve(t, (request) => request.socket.resetAndDestroy())
  assert.deepEqual(await http(get(url)), { kind: 'failed', detail: 'ECONNRESET' })
  server.close()
  await once(server, 'close')
  assert.deepEqual(await http(get(url)), { kind: 'failed', detail: 'ECONNREFUSED' })
})

test('a response over the size limit fails', async (t) => {
  const { http } = setUp(t)
  const { url } = await serve(t, (_request, response) => response.end('x'.repeat(2_000_000)))
  assert.equal((await http(get(url))).kind, 'failed')
})

test('redirects are not followed, so the token stays with its host', async (t) => {
  const { http } = setUp(t)
  const seen: (string | undefined)[] = []
  const { url } = await serve(t, (request, response) => {
    seen.push(request.url)
    response.writeHead(302, { Location: '/elsewhere' }).end()
  })
  const result = await http({ ...get(`${url}/here`), headers: { authorization: 'Bearer secret' } })
  assert.equal(result.kind === 'answered' && result.answer.status, 302)
  assert.deepEqual(seen, ['/here'])
})

test('connections are kept alive and reused', async (t) => {
  const { http } = setUp(t)
  const sockets = new Set<Socket>()
  const { url } = await serve(t, (request, response) => {
    sockets.add(request.socket)
    response.end()
  })
  for (let n = 0; n < 5; n += 1) await http(get(url))
  assert.equal(sockets.size, 1)
})

test('at most maxSockets are open', async (t) => {
  const { http } = setUp(t, { maxSockets: 2 })
  const sockets = new Set<Socket>()
  const { url } = await serve(t, (request, response) => {
    sockets.add(request.socket)
    setImmediate(() => response.end())
  })
  await Promise.all(Array.from({ length: 10 }, () => http(get(url))))
  assert.equal(sockets.size, 2)
})

test('proxy environment variables are ignored', async (t) => {
  const { http } = setUp(t)
  const { url } = await serve(t, (_request, response) => response.end('direct'))
  const before = process.env.HTTP_PROXY
  process.env.HTTP_PROXY = 'http://127.0.0.1:9'
  t.after(() => {
    if (before === undefined) delete process.env.HTTP_PROXY
    else process.env.HTTP_PROXY = before
  })
  const result = await http(get(url))
  assert.equal(result.kind === 'answered' && result.answer.body, 'direct')
})

test('close fails calls in flight and later calls', async (t) => {
  const { http, close } = setUp(t)
  const arrived = Promise.withResolvers<void>()
  const { url } = await serve(t, () => arrived.resolve())
  const underWay = http(get(url))
  await arrived.promise
  close()
  assert.deepEqual(await underWay, { kind: 'failed', detail: 'ERR_CANCELED' })
  assert.deepEqual(await http(get(url)), { kind: 'failed', detail: 'ERR_CANCELED' })
})

test('a request is not sent if it may not be sent any more when its connection is there', async (t) => {
  const requests: string[] = []
  const { url } = await serve(t, (request, response) => {
    requests.push(String(request.url))
    response.end()
  })
  let mayBeSent = true
  const { http } = setUp(t, {
    lookup: (_host, _options, found) => {
      mayBeSent = false // meanwhile
      found(null, [{ address: '127.0.0.1', family: 4 }])
    },
  })
  const target = url.replace('127.0.0.1', 'api.example')
  const maySend = () => mayBeSent
  assert.deepEqual(await http({ ...get(`${target}/1`), maySend }), { kind: 'failed', detail: 'NOT_ALLOWED' })
  assert.deepEqual(requests, [])
  const allowed = await http({ ...get(`${target}/2`), maySend: () => true, method: 'PATCH', body: '{}' })
  assert.equal(allowed.kind, 'answered')
  assert.deepEqual(requests, ['/2'])
})
