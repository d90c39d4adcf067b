import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certificates, skipWithoutOpenssl, trust } from '../helpers/certificates.ts'
import { startConnectProxy, startTlsFront } from '../helpers/connect-proxy.ts'
import { setUpDoctor } from './harness.ts'

const skip = skipWithoutOpenssl
const urls = { GENESYS_API_URL: 'https://localhost', GENESYS_LOGIN_URL: 'https://localhost' }

/** A simulator that is reached by HTTPS, and a proxy that resolves its name. */
async function behindProxy(t: Parameters<typeof setUpDoctor>[0], { trusted = true } = {}) {
  const certificate = await (await certificates(t))('genesys')
  if (trusted) trust(t, certificate.cert)
  const installation = await setUpDoctor(t)
  const port = await startTlsFront(t, certificate, installation.simulator.url)
  const proxy = await startConnectProxy(t, {
    credentials: 'ada:right-password',
    resolve: { 'localhost:443': `127.0.0.1:${port}` },
  })
  const urlWith = (password: string) => proxy.url.replace('//', `//ada:${password}@`)
  return {
    proxy,
    urlWith,
    run: (proxyUrl: string) =>
      installation.run({ environment: { ...urls, GENESYS_PROXY_URL: proxyUrl, DRY_RUN: 'false' } }),
  }
}

test('hosts, login and permission are checked through the proxy', { skip }, async (t) => {
  const { proxy, urlWith, run } = await behindProxy(t)
  const { of, notOk } = await run(urlWith('right-password'))
  const finding = new RegExp(`^localhost through the proxy ${proxy.name}, TLSv1\\.3$`)
  assert.match(of('login-host').finding, finding)
  assert.match(of('api-host').finding, finding)
  for (const check of ['login', 'clock', 'permission', 'rate-headers'])
    assert.equal(notOk[check], undefined, JSON.stringify(notOk))
  assert.ok(proxy.requests.length >= 3 && proxy.requests.every((target) => target === 'localhost:443'))
})

test('a proxy that refuses the credentials is named with a remedy, and never the password', {
  skip,
}, async (t) => {
  const { proxy, urlWith, run } = await behindProxy(t)
  const { of, results } = await run(urlWith('wrong-password'))
  const { result, finding, remedy } = of('login-host')
  assert.equal(result, 'failed')
  assert.equal(finding, `the proxy ${proxy.name} refuses the credentials (407)`)
  assert.match(remedy ?? '', /^Check user and password in GENESYS_PROXY_URL; .*\.$/)
  assert.doesNotMatch(JSON.stringify(results), /wrong-password/)
})

test('a proxy that cannot be reached, or cannot connect, is named with a remedy', { skip }, async (t) => {
  const { proxy, urlWith, run } = await behindProxy(t)
  proxy.answerWith(502)
  const gateway = (await run(urlWith('right-password'))).of('api-host')
  assert.equal(gateway.finding, `the proxy ${proxy.name} cannot connect to localhost:443 (502)`)
  await proxy.goAway()
  const { finding, remedy } = (await run(urlWith('right-password'))).of('api-host')
  assert.equal(finding, `the proxy ${proxy.name} cannot be reached (ECONNREFUSED)`)
  assert.equal(remedy, 'Check GENESYS_PROXY_URL, and that the proxy runs.')
})

test('a proxy that inspects TLS needs NODE_EXTRA_CA_CERTS', { skip }, async (t) => {
  const { urlWith, run } = await behindProxy(t, { trusted: false })
  const { finding, remedy } = (await run(urlWith('right-password'))).of('login-host')
  assert.match(finding, /TLS fails \(DEPTH_ZERO_SELF_SIGNED_CERT\)/)
  assert.match(remedy ?? '', /NODE_EXTRA_CA_CERTS/)
})

test('an invalid GENESYS_PROXY_URL skips the checks of Genesys Cloud', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({ environment: { GENESYS_PROXY_URL: 'proxy:3128' } })
  assert.match(of('configuration').finding, /^GENESYS_PROXY_URL must be the http/)
  assert.deepEqual([of('login-host').result, of('login').result], ['skipped', 'skipped'])
})

test('plain HTTP through a proxy is a warning, and the login goes through it', async (t) => {
  const { run } = await setUpDoctor(t)
  const proxy = await startConnectProxy(t)
  const { of } = await run({ environment: { GENESYS_PROXY_URL: proxy.url } })
  assert.equal(of('login-host').result, 'warning')
  assert.match(of('login-host').finding, /plain HTTP through the proxy/)
  assert.equal(of('login').result, 'ok')
  assert.ok(proxy.requests.some((url) => url.endsWith('/oauth/token')))
})
