import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createTokens } from '../../src/genesys/tokens.ts'
import { createHttp } from '../../src/http/client.ts'
import type { SimulatorOptions } from '../../src/simulator/simulator.ts'
import { manualClock, start } from '../simulator/harness.ts'
import { serve, tokenRequests } from './harness.ts'

async function setUp(
  t: TestContext,
  { clientSecret = 'demo', ...options }: SimulatorOptions & { clientSecret?: string } = {},
) {
  const clock = manualClock()
  const simulator = await start(t, { now: clock.now, ...options })
  const { http, close } = createHttp({ timeoutMs: 500, maxSockets: 10 })
  t.after(close)
  const deps = { http, clientId: 'demo', clientSecret, now: clock.now }
  const tokens = createTokens({ ...deps, loginUrl: simulator.url })
  /** The current token; fails the test if there is none. */
  const token = async () => {
    const result = await tokens.get()
    assert.ok(result.kind === 'token', JSON.stringify(result))
    return result.token
  }
  return { clock, simulator, tokens, token, deps }
}

test('concurrent callers share one token request, and the token is kept', async (t) => {
  const { simulator, tokens, token } = await setUp(t)
  const results = await Promise.all(Array.from({ length: 20 }, () => tokens.get()))
  assert.equal(new Set(results.map((result) => result.kind === 'token' && result.token)).size, 1)
  await token()
  const [request, ...others] = tokenRequests(simulator)
  assert.deepEqual([request?.method, request?.authorized, others.length], ['POST', true, 0])
})

test('a token is renewed a minute before it expires', async (t) => {
  const { clock, simulator, token } = await setUp(t, { tokenLifeMs: 3_600_000 })
  const first = await token()
  clock.advance(3_600_000 - 60_000 - 1)
  assert.equal(await token(), first)
  clock.advance(1)
  assert.notEqual(await token(), first)
  assert.equal(tokenRequests(simulator).length, 2)
})

test('a short-lived token is renewed in the last tenth of its life', async (t) => {
  const { clock, token } = await setUp(t, { tokenLifeMs: 100_000 })
  const first = await token()
  clock.advance(89_999)
  assert.equal(await token(), first)
  clock.advance(1)
  assert.notEqual(await token(), first)
})

test('a token without expires_in lives one day', async (t) => {
  const { clock, deps } = await setUp(t)
  let issued = 0
  const { url } = await serve(t, (_request, response) => {
    issued += 1
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ access_token: `t${issued}` }))
  })
  const tokens = createTokens({ ...deps, loginUrl: url })
  assert.deepEqual(await tokens.get(), { kind: 'token', token: 't1' })
  clock.advance(86_400_000 - 60_001)
  assert.deepEqual(await tokens.get(), { kind: 'token', token: 't1' })
  clock.advance(1)
  assert.deepEqual(await tokens.get(), { kind: 'token', token: 't2' })
})

test('a refused token is renewed once, even if several calls were refused', async (t) => {
  const { simulator, tokens, token } = await setUp(t)
  const first = await token()
  assert.deepEqual(
    [tokens.refused(first), tokens.refused(first), tokens.refused(first)],
    ['renewable', 'renewable', 'renewable'],
  )
  const renewed = await Promise.all([token(), token()])
  assert.notEqual(renewed[0], first)
  assert.equal(renewed[0], renewed[1])
  assert.equal(tokenRequests(simulator).length, 2)
  // A late refusal of the old token does not affect the new one.
  assert.equal(tokens.refused(first), 'renewable')
  assert.equal(await token(), renewed[0])
})

test('a refusal of the new token too is not renewable', async (t) => {
  const { tokens, token } = await setUp(t)
  assert.equal(tokens.refused(await token()), 'renewable')
  assert.equal(tokens.refused(await token()), 'not_renewable')
  assert.equal(tokens.refused(await token()), 'not_renewable')
  await token()
  tokens.accepted()
  assert.equal(tokens.refused(await token()), 'renewable')
})

test('a refused client has the error of the endpoint, and the next get requests again', async (t) => {
  const { simulator, tokens } = await setUp(t, { clientSecret: 'wrong' })
  const result = await tokens.get()
  assert.deepEqual(result, {
    kind: 'credentials_refused',
    detail: 'token endpoint: 401 invalid_client authentication failed',
  })
  await tokens.get()
  assert.equal(tokenRequests(simulator).length, 2)
})

test('400 and 403 with an OAuth error are refusals too', async (t) => {
  const { simulator, tokens } = await setUp(t)
  simulator.addFault({ status: 400, body: { error: 'invalid_request' } })
  assert.deepEqual(await tokens.get(), {
    kind: 'credentials_refused',
    detail: 'token endpoint: 400 invalid_request',
  })
  simulator.addFault({ status: 403, body: { error: 'unauthorized_client' } })
  assert.deepEqual(await tokens.get(), {
    kind: 'credentials_refused',
    detail: 'token endpoint: 403 unauthorized_client',
  })
  assert.equal((await tokens.get()).kind, 'token')
})

for (const [status, body] of [
  [200, '<html>'],
  [200, {}],
  [200, { access_token: '' }],
  [200, { access_token: 5 }],
  [200, { error: 'invalid_client' }],
  [302, ''],
  [401, ' <!doctype html><title>Proxy authentication</title>'],
  [403, '<html>'],
  [404, 'not found'],
  [401, ''],
  [401, { message: 'Unauthorized' }],
  [404, { error: 'Not Found' }],
  [405, { error: 'Method Not Allowed' }],
  [407, { error: 'Proxy Authentication Required' }],
] as const) {
  test(`${status} ${JSON.stringify(body)} is unavailable, not credentials_refused`, async (t) => {
    const { simulator, tokens } = await setUp(t)
    simulator.addFault({ status, body })
    const result = await tokens.get()
    assert.ok(result.kind === 'unavailable', JSON.stringify(result))
    assert.match(result.cause, /not a token endpoint: check GENESYS_LOGIN_URL or the proxy$/)
    assert.equal((await tokens.get()).kind, 'token')
  })
}

for (const [expires_in, lifeMs] of [
  ['3600', 3_600_000],
  [3600.5, 3_600_500],
  ['soon', 86_400_000],
  [-1, 86_400_000],
  [null, 86_400_000],
  ['', 86_400_000],
  [true, 86_400_000],
  [[3600], 86_400_000],
] as const) {
  test(`expires_in ${JSON.stringify(expires_in)} gives a life of ${lifeMs} ms`, async (t) => {
    const { clock, simulator, token } = await setUp(t)
    simulator.addFault({ status: 200, body: { access_token: 'first', expires_in } })
    assert.equal(await token(), 'first')
    clock.advance(lifeMs - 60_000 - 1)
    assert.equal(await token(), 'first')
    clock.advance(1)
    assert.notEqual(await token(), 'first')
  })
}

test('429 of the token endpoint returns retryAfterMs', async (t) => {
  const { simulator, tokens } = await setUp(t)
  simulator.addFault({ status: 429, headers: { 'Retry-After': '7' } })
  assert.deepEqual(await tokens.get(), { kind: 'rate_limited', retryAfterMs: 7_000 })
  simulator.addFault({ status: 429, headers: { 'Retry-After': null } })
  assert.deepEqual(await tokens.get(), { kind: 'rate_limited', retryAfterMs: undefined })
})

test('a failing token endpoint is unavailable', async (t) => {
  const { simulator, tokens, token } = await setUp(t)
  for (const status of [408, 500, 503]) {
    simulator.addFault({ status })
    assert.deepEqual(await tokens.get(), {
      kind: 'unavailable',
      detail: `token endpoint: ${status}`,
      cause: `token endpoint: ${status}`,
    })
  }
  simulator.addFault({ reset: true })
  assert.deepEqual(await tokens.get(), {
    kind: 'unavailable',
    detail: 'token endpoint: ECONNRESET',
    cause: 'token endpoint: ECONNRESET',
  })
  await token()
})

test('a token request has the same timeout as a call', async (t) => {
  const { simulator, tokens } = await setUp(t)
  simulator.addFault({ delayMs: 600_000 })
  const results = await Promise.all([tokens.get(), tokens.get()])
  for (const result of results)
    assert.deepEqual(result, {
      kind: 'unavailable',
      detail: 'token endpoint: no answer within 500 ms',
      cause: 'token endpoint: no answer within 500 ms',
    })
})
