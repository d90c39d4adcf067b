import assert from 'node:assert/strict'
import { createServer as createTlsServer } from 'node:https'
import { type TestContext, test } from 'node:test'
import { apiPath, serve, tokenPath, tokenRequests } from '../genesys/harness.ts'
import { certificates, skipWithoutOpenssl } from '../helpers/certificates.ts'
import { setUpDoctor } from './harness.ts'

const afterLogin = { permission: 'skipped', 'rate-headers': 'skipped' } as const
/** A port of this machine on which nothing listens. */
const refusing = 'http://127.0.0.1:9'

test('a healthy org: every check succeeds, with one token request and one read, and nothing is changed', async (t) => {
  const { run, simulator } = await setUpDoctor(t)
  const { notOk, of } = await run()
  assert.deepEqual(notOk, { service: 'skipped', 'admin-token': 'skipped' })
  assert.equal(of('login').finding, 'the OAuth client received a token')
  assert.equal(
    of('permission').finding,
    'the API answers 404 for a conversation that does not exist, as it should',
  )
  assert.match(
    of('rate-headers').finding,
    /^1 of 300 calls used with the token of this command, the window resets in \d+ s$/,
  )
  assert.deepEqual(
    simulator.calls().map(({ method, path, status }) => `${method} ${path} ${status}`),
    ['POST /oauth/token 200', 'GET /api/v2/conversations/00000000-0000-4000-8000-000000000000 404'],
  )
})

test('the profile tutorial reads the participants of a conversation', async (t) => {
  const { run, simulator } = await setUpDoctor(t)
  const { notOk } = await run({ environment: { GENESYS_API_PROFILE: 'tutorial' } })
  assert.deepEqual(notOk, { service: 'skipped', 'admin-token': 'skipped' })
  assert.equal(
    simulator.calls().at(-1)?.path,
    '/api/v2/conversations/00000000-0000-4000-8000-000000000000/participants',
  )
})

test('a lenient simulator, where every conversation exists, is healthy', async (t) => {
  const { run } = await setUpDoctor(t, { strict: false })
  assert.deepEqual((await run()).notOk, { service: 'skipped', 'admin-token': 'skipped' })
})

test('a wrong secret fails the login, without showing the secret', async (t) => {
  const { run } = await setUpDoctor(t)
  const { results, of, notOk } = await run({ environment: { GENESYS_CLIENT_SECRET: 'wrong-secret' } })
  assert.deepEqual(notOk, { login: 'failed', ...afterLogin, service: 'skipped', 'admin-token': 'skipped' })
  assert.equal(
    of('login').finding,
    'Genesys Cloud refuses the OAuth client (token endpoint: 401 invalid_client authentication failed)',
  )
  assert.match(of('login').remedy ?? '', /GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET.*GENESYS_ENV/)
  assert.equal(of('permission').finding, 'login gave no token')
  assert.doesNotMatch(JSON.stringify(results), /wrong-secret|test-token|test-admin-token/)
})

test('a host name that does not resolve fails the hosts, and the later checks are skipped', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of, notOk } = await run({
    environment: {
      GENESYS_LOGIN_URL: 'https://login.region.invalid',
      GENESYS_API_URL: 'https://api.region.invalid',
    },
  })
  assert.deepEqual(notOk, {
    'login-host': 'failed',
    'api-host': 'failed',
    login: 'skipped',
    clock: 'skipped',
    ...afterLogin,
    service: 'skipped',
    'admin-token': 'skipped',
  })
  assert.match(
    of('login-host').finding,
    /^the name login\.region\.invalid cannot be resolved \((ENOTFOUND|EAI_AGAIN)\)$/,
  )
  assert.match(of('api-host').remedy ?? '', /GENESYS_ENV.*GENESYS_API_URL.*DNS/)
  assert.equal(of('login').finding, 'login-host failed')
})

test('an API host that refuses connections fails alone: the login is still checked', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of, notOk } = await run({ environment: { GENESYS_API_URL: refusing } })
  assert.deepEqual(notOk, {
    'api-host': 'failed',
    ...afterLogin,
    service: 'skipped',
    'admin-token': 'skipped',
  })
  assert.equal(of('api-host').finding, '127.0.0.1:9 cannot be reached (ECONNREFUSED)')
  assert.match(of('api-host').remedy ?? '', /firewall/)
  assert.equal(of('permission').finding, 'api-host failed')
})

test('a host that accepts the connection but never speaks TLS fails after the timeout', async (t) => {
  const { run } = await setUpDoctor(t)
  const { url } = await serve(t, () => {})
  const { of } = await run({
    environment: { GENESYS_LOGIN_URL: url.replace('http:', 'https:'), REQUEST_TIMEOUT_MS: '200' },
  })
  assert.equal(of('login-host').result, 'failed')
  assert.match(of('login-host').finding, /accepts the connection, but TLS fails \(/)
})

test('a certificate of an unknown authority fails with the setting for a TLS proxy', {
  skip: skipWithoutOpenssl,
}, async (t) => {
  const { run } = await setUpDoctor(t)
  const { cert, key } = await (await certificates(t))('proxy')
  const server = createTlsServer({ cert, key })
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const { of } = await run({ environment: { GENESYS_LOGIN_URL: `https://localhost:${address.port}` } })
  assert.match(of('login-host').finding, /TLS fails \(DEPTH_ZERO_SELF_SIGNED_CERT\)/)
  assert.match(of('login-host').remedy ?? '', /NODE_EXTRA_CA_CERTS/)
})

for (const [description, offsetMs, result, finding] of [
  ['10 min behind', -600_000, 'failed', 'the clock of this machine is 10 min behind Genesys Cloud'],
  ['10 min ahead', 600_000, 'failed', 'the clock of this machine is 10 min ahead of Genesys Cloud'],
  ['90 s behind', -90_000, 'warning', 'the clock of this machine is 90 s behind Genesys Cloud'],
  ['20 s ahead', 20_000, 'ok', 'within 30 s of Genesys Cloud'],
] as const) {
  test(`a clock that is ${description}: ${result}`, async (t) => {
    const { run } = await setUpDoctor(t)
    const { of } = await run({}, { now: () => Date.now() + offsetMs })
    assert.equal(of('clock').result, result)
    assert.equal(of('clock').finding, finding)
  })
}

test('Date headers that are 10 min ahead fail the clock; one stale Date does not', async (t) => {
  const { run } = await setUpDoctor(t)
  const headers = { Date: new Date(Date.now() + 600_000).toUTCString() }
  const both = await run({
    faults: [
      { ...tokenPath, headers },
      { ...apiPath, headers },
    ],
  })
  assert.equal(both.of('clock').result, 'failed')
  const one = await run({ faults: [{ ...tokenPath, headers }] })
  assert.equal(one.of('clock').result, 'ok')
})

test('without a Date header the clock is not compared, which is a warning', async (t) => {
  const { run } = await setUpDoctor(t)
  const { url } = await serve(t, (_request, response) => {
    response.sendDate = false
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}')
  })
  const { of } = await run({ environment: { GENESYS_LOGIN_URL: url } })
  assert.equal(of('clock').result, 'warning')
})

test('a 403 names the permission, the division and where to set them', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of, notOk } = await run({ faults: [{ ...apiPath, status: 403 }] })
  assert.deepEqual(notOk, {
    permission: 'failed',
    'rate-headers': 'warning',
    service: 'skipped',
    'admin-token': 'skipped',
  })
  assert.match(of('permission').finding, /^the API denies reading a conversation: 403 .*correlation id/)
  assert.match(of('permission').remedy ?? '', /conversation:communication:view.*division.*Home division/)
})

test('a 429 of the API is a warning with the time to wait', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({ faults: [{ ...apiPath, status: 429, headers: { 'Retry-After': '42' } }] })
  assert.equal(of('permission').result, 'warning')
  assert.equal(
    of('permission').finding,
    'the API answers 429, retry after 42 s: the calls of this window are used up',
  )
})

test('a 429 of the token endpoint is a warning, and the checks of the API are skipped', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of, notOk } = await run({
    faults: [{ ...tokenPath, status: 429, headers: { 'Retry-After': '7' } }],
  })
  assert.deepEqual(notOk, { login: 'warning', ...afterLogin, service: 'skipped', 'admin-token': 'skipped' })
  assert.equal(of('login').finding, 'the token endpoint answers 429, retry after 7 s')
})

test('a login page in place of the token endpoint fails the login', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({
    faults: [
      { ...tokenPath, status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
    ],
  })
  assert.equal(of('login').result, 'failed')
  assert.match(
    of('login').finding,
    /status 200 with neither a token nor a refusal of the client, so this is not a token endpoint/,
  )
  assert.match(of('login').remedy ?? '', /proxy or a login page/)
})

test('a web server in place of the API fails the permission, though it answers 404', async (t) => {
  const { run } = await setUpDoctor(t)
  const { url } = await serve(t, (_request, response) =>
    response.writeHead(404).end('<html>Not found</html>'),
  )
  const { of } = await run({ environment: { GENESYS_API_URL: url } })
  assert.equal(of('permission').result, 'failed')
  assert.equal(
    of('permission').finding,
    `${url} answers 404 without an error of Genesys Cloud, so this is not its API`,
  )
})

async function answerWith(t: TestContext, status: number, times: number) {
  const { run, simulator } = await setUpDoctor(t)
  return { ...(await run({ faults: [{ ...apiPath, status, times }] })), simulator }
}

test('a token that the API refuses once is renewed, as the service does', async (t) => {
  const { of, simulator } = await answerWith(t, 401, 1)
  assert.equal(of('permission').result, 'ok')
  assert.equal(tokenRequests(simulator).length, 2)
})

test('an API that refuses every token belongs to another region than the login', async (t) => {
  const { of, simulator } = await answerWith(t, 401, 10)
  assert.equal(of('permission').result, 'failed')
  assert.match(
    of('permission').remedy ?? '',
    /GENESYS_API_URL and GENESYS_LOGIN_URL belong to the same region/,
  )
  assert.equal(simulator.calls().length - tokenRequests(simulator).length, 2, 'no more calls')
})

for (const [status, finding] of [
  [503, /^the API does not answer the call: 503/],
  [400, /^the API rejects reading a conversation: 400/],
] as const) {
  test(`a ${status} of the API fails the permission`, async (t) => {
    const { of } = await answerWith(t, status, 1)
    assert.equal(of('permission').result, 'failed')
    assert.match(of('permission').finding, finding)
  })
}

test('an answer without rate headers is a warning with the limit that the service assumes', async (t) => {
  const { run } = await setUpDoctor(t)
  const headers = {
    'inin-ratelimit-count': null,
    'inin-ratelimit-allowed': null,
    'inin-ratelimit-reset': null,
  }
  const { of, notOk } = await run({
    faults: [{ ...apiPath, headers }],
    environment: { RATE_LIMIT: '120' },
  })
  assert.deepEqual(notOk, { 'rate-headers': 'warning', service: 'skipped', 'admin-token': 'skipped' })
  assert.equal(
    of('rate-headers').finding,
    'the answer has no inin-ratelimit headers: the service then assumes 120 calls per 60000 ms (RATE_LIMIT, RATE_WINDOW_MS)',
  )
})

test('a window that other programs have nearly used up is a warning', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({ faults: [{ ...apiPath, headers: { 'inin-ratelimit-count': '290' } }] })
  assert.equal(of('rate-headers').result, 'warning')
  assert.match(of('rate-headers').finding, /^290 of 300 calls used/)
})

test('a token endpoint that never answers fails after the timeout, and the clock is skipped', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({
    faults: [{ ...tokenPath, delayMs: 60_000 }],
    environment: { REQUEST_TIMEOUT_MS: '300' },
  })
  assert.equal(of('login').finding, 'token endpoint: no answer within 300 ms')
  assert.deepEqual([of('clock').result, of('clock').finding], ['skipped', 'Genesys Cloud gave no answer'])
})
