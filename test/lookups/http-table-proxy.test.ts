import assert from 'node:assert/strict'
import type { LookupFunction } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openProxy } from '../../src/http/open-proxy.ts'
import { createHttpTable } from '../../src/lookups/http-table.ts'
import { httpLookupSchema } from '../../src/lookups/lookup-schema.ts'
import { serve } from '../genesys/harness.ts'
import { certificates, skipWithoutOpenssl, trust } from '../helpers/certificates.ts'
import { type ProxyOptions, startConnectProxy, startTlsFront } from '../helpers/connect-proxy.ts'
import { temporaryFolder } from '../helpers/folder.ts'

interface SetUp {
  readonly url: string
  readonly allowPrivate?: boolean
  readonly noProxy?: readonly string[]
  readonly proxy?: ProxyOptions
}

/** A table behind a proxy. `resolved`: the names that this process resolved. */
async function setUp(t: TestContext, { url, allowPrivate = false, noProxy = [], proxy: options }: SetUp) {
  const proxy = await startConnectProxy(t, options)
  const resolved: string[] = []
  const dnsLookup: LookupFunction = (name, _options, callback) => {
    resolved.push(name)
    callback(null, [{ address: '127.0.0.1', family: 4 }])
  }
  const table = createHttpTable(httpLookupSchema.parse({ url, allowPrivate, timeoutMs: 10_000 }), {
    folder: await temporaryFolder(t),
    now: () => 1_000_000,
    random: () => 0,
    dnsLookup,
    proxy: await openProxy({ url: proxy.url, noProxy }),
  })
  t.after(table.close)
  const lookUp = async (key: string) => {
    await table.fetch(key)
    const known = table.peek(key)
    return known.kind === 'row' ? { ...known.row } : known.kind === 'failed' ? known.cause : known.kind
  }
  return { proxy, resolved, lookUp }
}

const api = (t: TestContext) => serve(t, (_request, response) => response.end('{"tier":"gold"}'))

test('an https lookup goes through the proxy, which resolves the name', {
  skip: skipWithoutOpenssl,
}, async (t) => {
  const certificate = await (await certificates(t))('crm')
  trust(t, certificate.cert)
  const port = await startTlsFront(t, certificate, (await api(t)).url)
  const { lookUp, proxy, resolved } = await setUp(t, {
    url: `https://crm.example/{key}`,
    proxy: { resolve: { 'crm.example:443': `127.0.0.1:${port}` } },
  })
  // The certificate is for localhost, so TLS reached the right server and refused the wrong name.
  assert.equal(await lookUp('a'), 'network')
  assert.deepEqual([proxy.requests, resolved], [['crm.example:443'], []])
})

test('an http lookup is forwarded by the proxy', async (t) => {
  const { port } = new URL((await api(t)).url)
  const { lookUp, proxy, resolved } = await setUp(t, {
    url: 'http://crm.internal/customers/{key}',
    allowPrivate: true,
    proxy: { resolve: { 'crm.internal': `127.0.0.1:${port}` } },
  })
  assert.deepEqual(await lookUp('a b'), { tier: 'gold' })
  assert.deepEqual([proxy.requests, resolved], [['http://crm.internal/customers/a%20b'], []])
})

test('a host in NO_PROXY is called directly, and its addresses are checked as without a proxy', async (t) => {
  const { port } = new URL((await api(t)).url)
  const noProxy = ['.internal']
  const direct = await setUp(t, { url: `http://crm.internal:${port}/{key}`, allowPrivate: true, noProxy })
  assert.deepEqual(await direct.lookUp('a'), { tier: 'gold' })
  const guarded = await setUp(t, { url: `https://crm.internal:${port}/{key}`, noProxy })
  assert.equal(await guarded.lookUp('a'), 'address_refused')
  for (const { proxy, resolved } of [direct, guarded])
    assert.deepEqual([proxy.requests, resolved], [[], ['crm.internal']])
})

test('a failure of the proxy has its own cause', async (t) => {
  const { lookUp, proxy } = await setUp(t, { url: 'https://crm.example/{key}' })
  proxy.answerWith(502)
  assert.equal(await lookUp('a'), 'proxy')
  await proxy.goAway()
  assert.equal(await lookUp('b'), 'proxy')
})
