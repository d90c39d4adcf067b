import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createHttp, type HttpOptions } from '../../src/http/client.ts'
import { openProxy } from '../../src/http/open-proxy.ts'
import { serve } from '../genesys/harness.ts'
import { certificates, skipWithoutOpenssl, trust } from '../helpers/certificates.ts'
import { type ConnectProxy, startConnectProxy, startTlsFront } from '../helpers/connect-proxy.ts'
import { until } from '../helpers/wait.ts'

const skip = skipWithoutOpenssl

interface SetUp extends Partial<HttpOptions> {
  readonly noProxy?: readonly string[]
  readonly userInfo?: string
}

async function clientVia(t: TestContext, proxy: Pick<ConnectProxy, 'url'>, options: SetUp = {}) {
  const { noProxy = [], userInfo = '', ...rest } = options
  const url = proxy.url.replace('//', `//${userInfo}`)
  const client = createHttp({
    timeoutMs: 10_000,
    maxSockets: 2,
    proxy: await openProxy({ url, noProxy }),
    ...rest,
  })
  t.after(client.close)
  return { ...client, get: (target: string) => client.http({ method: 'GET', url: target, headers: {} }) }
}

/** An https server that counts its connections. `trusted`: whether this process trusts its certificate. */
async function httpsTarget(
  t: TestContext,
  { trusted = true, hosts }: { trusted?: boolean; hosts?: string } = {},
) {
  const create = await certificates(t)
  const certificate = await create('target', hosts)
  if (trusted) trust(t, certificate.cert)
  const sockets = new Set<Socket>()
  const { url } = await serve(t, (request, response) => {
    sockets.add(request.socket)
    response.end(`hello from ${request.headers.host}`)
  })
  return { port: await startTlsFront(t, certificate, url), sockets, create }
}

test('https requests go through one tunnel, which is kept alive; the proxy resolves the name', {
  skip,
}, async (t) => {
  const { port, sockets } = await httpsTarget(t)
  const proxy = await startConnectProxy(t, { resolve: { 'localhost:443': `127.0.0.1:${port}` } })
  const { get } = await clientVia(t, proxy)
  for (let call = 0; call < 3; call += 1) {
    const result = await get('https://localhost/here')
    assert.ok(result.kind === 'answered', JSON.stringify(result))
    assert.equal(result.answer.body, 'hello from localhost')
  }
  assert.deepEqual(proxy.requests, ['localhost:443'])
  assert.equal(sockets.size, 1)
})

test('the certificate of the target is verified through the tunnel', { skip }, async (t) => {
  const { port } = await httpsTarget(t, { trusted: false })
  const proxy = await startConnectProxy(t)
  const { get } = await clientVia(t, proxy)
  const result = await get(`https://localhost:${port}/`)
  assert.deepEqual(result, { kind: 'failed', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

test('the certificate must be for the name or address of the target, not for that of the proxy', {
  skip,
}, async (t) => {
  const { port } = await httpsTarget(t)
  const resolve = { 'other.example:443': `127.0.0.1:${port}`, '192.0.2.1:443': `127.0.0.1:${port}` }
  const proxy = await startConnectProxy(t, { resolve })
  const byName = { url: proxy.url.replace('127.0.0.1', 'localhost') }
  const { get } = await clientVia(t, byName)
  for (const target of ['https://other.example/', 'https://192.0.2.1/'])
    assert.deepEqual(await get(target), { kind: 'failed', detail: 'ERR_TLS_CERT_ALTNAME_INVALID' }, target)
  assert.equal((await get(`https://127.0.0.1:${port}/`)).kind, 'answered')
})

test('http requests are forwarded with the URL of the target', async (t) => {
  const proxy = await startConnectProxy(t)
  const { url } = await serve(t, (request, response) => response.end(`${request.method} ${request.url}`))
  const { http } = await clientVia(t, proxy)
  const result = await http({ method: 'PUT', url: `${url}/a?b=c`, headers: {}, body: '{}' })
  assert.equal(result.kind === 'answered' && result.answer.body, 'PUT /a?b=c')
  assert.deepEqual(proxy.requests, [`${url}/a?b=c`])
})

test('a proxy that speaks TLS serves both', { skip }, async (t) => {
  const { port, create } = await httpsTarget(t)
  const certificate = await create('proxy')
  trust(t, certificate.cert)
  const proxy = await startConnectProxy(t, { certificate })
  const { url } = await serve(t, (_request, response) => response.end('plain'))
  const { get } = await clientVia(t, proxy)
  for (const target of [`https://localhost:${port}/`, `${url}/`]) {
    const result = await get(target)
    assert.equal(result.kind, 'answered', JSON.stringify(result))
  }
  assert.deepEqual(proxy.requests, [`localhost:${port}`, `${url}/`])
})

for (const [host, hosts] of [
  ['127.0.0.1', 'IP:127.0.0.1'],
  ['localhost', 'DNS:localhost'],
] as const)
  test(`the certificate of a proxy at ${host} must be for ${hosts}, not for the target`, {
    skip,
  }, async (t) => {
    const { port, create } = await httpsTarget(t, { hosts: 'DNS:api.example.test' })
    const { url } = await serve(t, (_request, response) => response.end('plain'))
    const resolve = {
      'api.example.test:443': `127.0.0.1:${port}`,
      'plain.example.test': new URL(url).host,
    }
    const certificate = await create('proxy', hosts)
    const other = await create('other', 'DNS:api.example.test,DNS:plain.example.test')
    trust(t, certificate.cert)
    trust(t, other.cert)
    const targets = ['https://api.example.test/', 'http://plain.example.test/']

    const proxy = await startConnectProxy(t, { certificate, resolve })
    const { get } = await clientVia(t, { url: proxy.url.replace('127.0.0.1', host) })
    for (const target of targets) assert.equal((await get(target)).kind, 'answered', target)

    const impostor = await startConnectProxy(t, { certificate: other, resolve })
    const { get: viaImpostor } = await clientVia(t, { url: impostor.url.replace('127.0.0.1', host) })
    for (const target of targets)
      assert.deepEqual(await viaImpostor(target), {
        kind: 'failed',
        detail: `the certificate of the proxy ${host}:${impostor.port} is not accepted (ERR_TLS_CERT_ALTNAME_INVALID): check the name in GENESYS_PROXY_URL and NODE_EXTRA_CA_CERTS`,
        atProxy: true,
      })
  })

test('maxSockets also limits the tunnels that are being opened', async (t) => {
  const proxy = await startConnectProxy(t)
  proxy.answerWith(0)
  const { url } = await serve(t, (_request, response) => response.end())
  const { get, close } = await clientVia(t, proxy, { timeoutMs: 60_000, maxSockets: 2 })
  const underWay = Array.from({ length: 20 }, () => get('https://api.example.test/'))
  await proxy.someConnection()
  const other = await clientVia(t, proxy)
  assert.equal((await other.get(url)).kind, 'answered', 'the proxy has seen all earlier connections')
  assert.equal(proxy.mostConnections(), 2 + 1)
  close()
  for (const result of await Promise.all(underWay))
    assert.deepEqual(result, { kind: 'failed', detail: 'ERR_CANCELED' })
})

test('requests that wait for a connection are served when the tunnel before them fails', {
  skip,
}, async (t) => {
  const { port } = await httpsTarget(t)
  const proxy = await startConnectProxy(t, { resolve: { 'localhost:443': `127.0.0.1:${port}` } })
  const { get } = await clientVia(t, proxy, { maxSockets: 1 })
  proxy.answerNext([502, 502, 200])
  const results = await Promise.all(Array.from({ length: 5 }, () => get('https://localhost/')))
  assert.deepEqual(
    results.map(({ kind }) => kind),
    ['failed', 'failed', 'answered', 'answered', 'answered'],
  )
  assert.equal(proxy.requests.length, 1, 'the last ones use the open tunnel')
})

test('credentials of the URL are sent to the proxy only, decoded', { skip }, async (t) => {
  const { port } = await httpsTarget(t)
  const proxy = await startConnectProxy(t, { credentials: 'ada:p@ss:wörd' })
  const seen: (string | undefined)[] = []
  const { url } = await serve(t, (request, response) => {
    seen.push(request.headers['proxy-authorization'])
    response.end()
  })
  const { get } = await clientVia(t, proxy, { userInfo: 'ada:p%40ss%3Aw%C3%B6rd@' })
  assert.equal((await get(`https://localhost:${port}/`)).kind, 'answered')
  assert.equal((await get(url)).kind, 'answered')
  assert.deepEqual(seen, [undefined])
})

test('a 407 names the proxy and the remedy, for https and http, and never the credentials', async (t) => {
  const proxy = await startConnectProxy(t, { credentials: 'ada:right' })
  const wrong = await clientVia(t, proxy, { userInfo: 'ada:wrong-password@' })
  const none = await clientVia(t, proxy)
  for (const target of ['https://api.example.test/', 'http://api.example.test/']) {
    const refused = await wrong.get(target)
    assert.ok(refused.kind === 'failed' && refused.atProxy === true, JSON.stringify(refused))
    assert.match(
      refused.detail,
      new RegExp(`^the proxy ${proxy.name} refuses the credentials \\(407\\): .*GENESYS_PROXY_URL`),
    )
    assert.doesNotMatch(refused.detail, /wrong-password/)
    const missing = await none.get(target)
    assert.match(
      missing.kind === 'failed' ? missing.detail : '',
      /requires credentials \(407\): add them to GENESYS_PROXY_URL/,
    )
  }
})

for (const [status, says] of [
  [502, 'cannot connect to api.example.test:443 (502)'],
  [503, 'cannot connect to api.example.test:443 (503)'],
  [403, 'forbids connections to api.example.test:443 (403)'],
  [302, 'cannot connect to api.example.test:443 (302)'],
] as const)
  test(`a ${status} to CONNECT is a failure of the proxy, not an answer of the target`, async (t) => {
    const proxy = await startConnectProxy(t)
    proxy.answerWith(status)
    const { get } = await clientVia(t, proxy)
    const result = await get('https://api.example.test/')
    assert.ok(result.kind === 'failed' && result.atProxy === true, JSON.stringify(result))
    assert.ok(result.detail.startsWith(`the proxy ${proxy.name} ${says}: `), result.detail)
  })

test('a proxy that goes away fails calls with its name; calls succeed when it is back', {
  skip,
}, async (t) => {
  const { port } = await httpsTarget(t)
  const proxy = await startConnectProxy(t)
  const { url } = await serve(t, (_request, response) => response.end('plain'))
  const { get } = await clientVia(t, proxy)
  const targets = [`https://localhost:${port}/`, url]
  for (const target of targets) assert.equal((await get(target)).kind, 'answered')
  await proxy.goAway()
  for (const target of targets) {
    // The first call may still use a kept connection, whose end does not tell which side failed.
    const detail = await until('the failure names the proxy', async () => {
      const result = await get(target)
      return result.kind === 'failed' && result.atProxy === true && result.detail
    })
    assert.match(detail, new RegExp(`^the proxy ${proxy.name} cannot be reached \\(ECONN`))
  }
  await proxy.comeBack()
  for (const target of targets) assert.equal((await get(target)).kind, 'answered')
})

test('a proxy that does not answer CONNECT times out and leaves no connection', async (t) => {
  const proxy = await startConnectProxy(t)
  proxy.answerWith(0)
  const { get } = await clientVia(t, proxy, { timeoutMs: 50 })
  assert.deepEqual(await get('https://api.example.test/'), {
    kind: 'failed',
    detail: `no answer within 50 ms through the proxy ${proxy.name}`,
  })
  await proxy.noConnections()
})

test('close ends tunnels that are being opened', async (t) => {
  const proxy = await startConnectProxy(t)
  proxy.answerWith(0)
  const { get, close } = await clientVia(t, proxy, { timeoutMs: 60_000 })
  const underWay = get('https://api.example.test/')
  await proxy.someConnection()
  close()
  assert.deepEqual(await underWay, { kind: 'failed', detail: 'ERR_CANCELED' })
  await proxy.noConnections()
})

test('NO_PROXY exempts hosts: they are called directly', async (t) => {
  const proxy = await startConnectProxy(t)
  const { url } = await serve(t, (_request, response) => response.end('direct'))
  const { get } = await clientVia(t, proxy, { noProxy: ['127.0.0.1'] })
  assert.equal((await get(url)).kind, 'answered')
  assert.deepEqual(proxy.requests, [])
})

test('a fault of the target is not one of the proxy', { skip }, async (t) => {
  const { port } = await httpsTarget(t)
  const proxy = await startConnectProxy(t)
  const { get } = await clientVia(t, proxy, { maxAnswerBytes: 3 })
  const result = await get(`https://localhost:${port}/`)
  assert.deepEqual(result, { kind: 'failed', detail: 'ERR_BAD_RESPONSE' })
})
