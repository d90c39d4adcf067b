import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGenesys, type GenesysOptions } from '../../src/genesys/genesys.ts'
import type { SimulatorOptions } from '../../src/simulator/simulator.ts'
import { manualClock, startWithConversation, until } from '../simulator/harness.ts'
import { apiCalls, apiPath, serve, tokenPath, tokenRequests } from './harness.ts'

const target = { conversationId: 'c1', participantId: 'p1' }

async function setUp(
  t: TestContext,
  {
    simulator: simulatorOptions = {},
    ...options
  }: Partial<GenesysOptions> & { simulator?: SimulatorOptions } = {},
) {
  const clock = manualClock()
  const { simulator } = await startWithConversation(t, {
    now: clock.now,
    windowPhaseMs: 0,
    ...simulatorOptions,
  })
  const before = simulator.calls().at(-1)?.seq ?? 0
  const genesys = createGenesys({
    apiUrl: simulator.url,
    loginUrl: simulator.url,
    clientId: 'demo',
    clientSecret: 'demo',
    profile: 'platform',
    requestTimeoutMs: 2_000,
    maxInFlight: 10,
    now: clock.now,
    ...options,
  })
  t.after(genesys.close)
  const patch = (attributes: Record<string, string> = { tier: 'gold' }, to = target) =>
    genesys.patchAttributes(to, attributes)
  /** Only the calls of this client. */
  const calls = { calls: () => simulator.calls(before) } as typeof simulator
  return { clock, simulator, genesys, patch, calls }
}

const rate = (count: number) => ({ count, allowed: 300, resetMs: 60_000 })

test('a PATCH sets attributes, keeps the others, and returns the rate headers', async (t) => {
  const { simulator, patch } = await setUp(t)
  for (const [count, attributes] of [{ tier: 'gold', count: '5' }, { empty: '' }].entries()) {
    const { api, ...answer } = await patch(attributes)
    assert.deepEqual(answer, { kind: 'ok', rate: rate(count + 1) })
    assert.equal(api?.status, 202)
    assert.match(api?.correlationId ?? '', /^[\w-]{36}$/)
  }
  assert.deepEqual(simulator.conversation('c1')?.participants[0]?.attributes, {
    kept: 'yes',
    tier: 'gold',
    count: '5',
    empty: '',
  })
})

for (const [profile, path] of [
  ['platform', '/api/v2/conversations/c1/participants/p1/attributes'],
  ['tutorial', '/api/v2/conversations/c1/participants/p1'],
] as const) {
  test(`the ${profile} profile calls ${path}`, async (t) => {
    const { calls, patch } = await setUp(t, { profile })
    assert.equal((await patch()).kind, 'ok')
    const seen = apiCalls(calls).map((call) => [call.method, call.path, call.applied, call.attributes])
    assert.deepEqual(seen, [['PATCH', path, true, { tier: 'gold' }]])
  })
}

test('ids are encoded, so an id cannot change the path', async (t) => {
  const { calls, patch } = await setUp(t)
  await patch({}, { conversationId: '../c1', participantId: 'p1?x=/#%2e' })
  assert.deepEqual(
    apiCalls(calls).map(({ path }) => path),
    ['/api/v2/conversations/..%2Fc1/participants/p1%3Fx%3D%2F%23%252e/attributes'],
  )
})

test('the API URL can have a path, as behind a proxy, and the body is JSON with strings', async (t) => {
  const seen: unknown[] = []
  const { url } = await serve(t, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { authorization, 'content-type': type, accept } = request.headers
    seen.push([request.method, request.url, type, accept, /^Bearer \S+$/.test(authorization ?? ''), body])
    response.end()
  })
  const { patch } = await setUp(t, { apiUrl: `${url}/genesys` })
  await patch({ quote: '"', newline: '\n', umlaut: 'ü' })
  assert.deepEqual(seen, [
    [
      'PATCH',
      '/genesys/api/v2/conversations/c1/participants/p1/attributes',
      'application/json',
      'application/json',
      true,
      '{"attributes":{"quote":"\\"","newline":"\\n","umlaut":"ü"}}',
    ],
  ])
})

test('one token serves all calls', async (t) => {
  const { calls, patch } = await setUp(t)
  await Promise.all(Array.from({ length: 10 }, () => patch()))
  assert.deepEqual([tokenRequests(calls).length, apiCalls(calls).length], [1, 10])
})

test('401: the next call uses a new token', async (t) => {
  const { simulator, calls, patch } = await setUp(t)
  await patch()
  simulator.expireTokens()
  assert.equal((await patch()).kind, 'token_expired')
  assert.equal((await patch()).kind, 'ok')
  assert.equal(tokenRequests(calls).length, 2)
})

test('concurrent calls with an expired token cause one token request', async (t) => {
  const { simulator, calls, patch } = await setUp(t)
  await patch()
  simulator.expireTokens()
  const answers = await Promise.all(Array.from({ length: 8 }, () => patch()))
  assert.deepEqual(new Set(answers.map(({ kind }) => kind)), new Set(['token_expired']))
  await Promise.all([patch(), patch()])
  assert.equal(tokenRequests(calls).length, 2)
})

test('regression: a 503 between two refused tokens made the second refusal look like the first', async (t) => {
  const { simulator, patch } = await setUp(t)
  const kinds = []
  for (const status of [401, 503, 401]) {
    simulator.addFault({ ...apiPath, status, times: 1 })
    kinds.push((await patch()).kind)
  }
  assert.deepEqual(kinds, ['token_expired', 'unavailable', 'credentials_refused'])
})

test('401 for the new token too: credentials_refused until a call succeeds', async (t) => {
  const { simulator, patch } = await setUp(t)
  simulator.addFault({ ...apiPath, status: 401, times: 3 })
  const kinds = []
  for (let n = 0; n < 4; n += 1) kinds.push((await patch()).kind)
  assert.deepEqual(kinds, ['token_expired', 'credentials_refused', 'credentials_refused', 'ok'])
  simulator.expireTokens()
  assert.equal((await patch()).kind, 'token_expired')
})

test('without a token no call is sent, and the answer is that of the token endpoint', async (t) => {
  const { simulator, calls, patch } = await setUp(t)
  simulator.addFault({ ...tokenPath, status: 401 })
  assert.equal((await patch()).kind, 'credentials_refused')
  simulator.addFault({ ...tokenPath, status: 503 })
  assert.deepEqual(await patch(), {
    kind: 'unavailable',
    detail: 'token endpoint: 503',
    cause: 'token endpoint: 503',
  })
  simulator.addFault({ ...tokenPath, status: 429, headers: { 'Retry-After': '7' } })
  assert.deepEqual(await patch(), { kind: 'rate_limited', retryAfterMs: 7_000 })
  assert.deepEqual(apiCalls(calls), [])
})

test('404, 403 and 409 have their own kinds, with the message of Genesys Cloud', async (t) => {
  const { simulator, patch } = await setUp(t)
  const missing = await patch({ tier: 'gold' }, { ...target, participantId: 'nobody' })
  assert.equal(missing.kind, 'not_found')
  assert.match(
    'detail' in missing ? missing.detail : '',
    /^404 participant\.not\.found .*\(correlation id [0-9a-f-]{36}\)$/,
  )
  simulator.addFault({ ...apiPath, status: 403 })
  assert.equal((await patch()).kind, 'forbidden')
  simulator.addFault({ ...apiPath, status: 409 })
  assert.equal((await patch()).kind, 'conflict')
})

test('a Retry-After date is relative to the Date of the response', async (t) => {
  const { clock, simulator, patch } = await setUp(t)
  const date = 'Sun, 06 Nov 1994 08:49:00 GMT'
  simulator.addFault({
    ...apiPath,
    status: 429,
    headers: { date, 'Retry-After': 'Sun, 06 Nov 1994 08:49:37 GMT' },
  })
  clock.advance(123_456)
  const { api, ...answer } = await patch()
  assert.deepEqual(answer, { kind: 'rate_limited', retryAfterMs: 37_000, rate: 'none' })
  assert.equal(api?.status, 429)
})

test('a reset or timed-out call is unavailable', async (t) => {
  const { simulator, patch } = await setUp(t, { requestTimeoutMs: 100 })
  await patch()
  simulator.addFault({ ...apiPath, reset: true })
  assert.deepEqual(await patch(), { kind: 'unavailable', detail: 'ECONNRESET', cause: 'ECONNRESET' })
  simulator.addFault({ ...apiPath, delayMs: 600_000 })
  assert.deepEqual(await patch(), {
    kind: 'unavailable',
    detail: 'no answer within 100 ms',
    cause: 'no answer within 100 ms',
  })
  await until(() => simulator.calls().at(-1)?.disconnected === true)
})

test('close aborts calls in flight', async (t) => {
  const { simulator, genesys, patch, calls } = await setUp(t, { simulator: { latencyMs: 600_000 } })
  const underWay = patch()
  await until(() => simulator.conversation('c1')?.participants[0]?.attributes.tier === 'gold')
  genesys.close()
  assert.deepEqual(await underWay, { kind: 'unavailable', detail: 'ERR_CANCELED', cause: 'ERR_CANCELED' })
  await until(() => apiCalls(calls)[0]?.disconnected === true)
})
