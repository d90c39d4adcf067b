import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Simulator } from '../../src/simulator/simulator.ts'
import {
  attributesPath,
  call,
  control,
  errorOf,
  manualClock,
  obtainToken,
  patch,
  start,
  startWithConversation,
} from './harness.ts'

const path = '/api/v2/conversations/c1'

/** Calls the API and returns the status and the rate headers count, allowed and reset. */
async function rateStatus(simulator: Simulator, token: string) {
  const response = await call(simulator, token, path)
  await response.body?.cancel()
  const header = (name: string) => response.headers.get(`inin-ratelimit-${name}`)
  return [response.status, header('count'), header('allowed'), header('reset')]
}

test('calls without a valid token answer 401, apply nothing and do not count', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const attempt = (headers: Record<string, string>) =>
    fetch(`${simulator.url}${attributesPath}`, { method: 'PATCH', headers, body: '{"attributes":{"a":"1"}}' })
  const missing = await attempt({})
  assert.equal(missing.headers.get('inin-ratelimit-count'), null)
  assert.deepEqual(await errorOf(missing), [401, 'authentication.required'])
  assert.deepEqual(await errorOf(await attempt({ Authorization: 'Basic eDp5' })), [
    401,
    'authentication.required',
  ])
  assert.deepEqual(await errorOf(await attempt({ Authorization: 'Bearer wrong' })), [401, 'bad.credentials'])
  assert.deepEqual(await errorOf(await call(simulator, 'wrong', '/api/v2/nothing')), [401, 'bad.credentials'])
  assert.ok(simulator.calls(1).every((each) => !each.authorized && !each.applied && each.status === 401))
  assert.equal((await rateStatus(simulator, token))[1], '1')
})

test('expired tokens answer 401, a new one works', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const other = await obtainToken(simulator)
  assert.equal(simulator.expireTokens(), 2)
  for (const each of [token, other]) {
    assert.deepEqual(await errorOf(await call(simulator, each, path)), [401, 'bad.credentials'])
  }
  assert.equal((await rateStatus(simulator, await obtainToken(simulator)))[0], 200)
  const response = await control(simulator, 'POST', '/tokens/expire')
  assert.deepEqual([response.status, await response.json()], [200, { expired: 1 }])
})

test('every authenticated response has rate headers', async (t) => {
  const clock = manualClock()
  const { simulator, token } = await startWithConversation(t, { now: clock.now, windowPhaseMs: 17_500 })
  assert.deepEqual(await rateStatus(simulator, token), [200, '1', '300', '43'])
  clock.advance(500)
  const wrong = await patch(simulator, token, {})
  assert.deepEqual([wrong.status, wrong.headers.get('inin-ratelimit-count')], [400, '2'])
  assert.equal(wrong.headers.get('inin-ratelimit-reset'), '42')
  assert.deepEqual(await rateStatus(simulator, token), [200, '3', '300', '42'])
})

test('calls over the limit get the official 429 until the window ends', async (t) => {
  const clock = manualClock()
  const options = { now: clock.now, windowPhaseMs: 18_000, rateLimit: 2 }
  const { simulator, token } = await startWithConversation(t, options)
  await rateStatus(simulator, token)
  assert.deepEqual(await rateStatus(simulator, token), [200, '2', '2', '42'])

  const refused = await patch(simulator, token, { attributes: { a: '1' } })
  assert.equal(refused.status, 429)
  assert.equal(refused.headers.get('retry-after'), '42')
  assert.equal(refused.headers.get('inin-ratelimit-count'), '3')
  assert.equal(refused.headers.get('inin-ratelimit-reset'), '42')
  const contextId = refused.headers.get('inin-correlation-id')
  assert.match(contextId ?? '', /^[0-9a-f-]{36}$/)
  assert.equal(
    await refused.text(),
    `{"message":"Rate limit exceeded the maximum. Retry the request in [42] seconds","code":"too.many.requests.retry.after","status":429,"contextId":"${contextId}","details":[],"errors":[]}`,
  )
  const [recorded] = simulator.calls(3)
  assert.deepEqual(
    [recorded?.status, recorded?.authorized, recorded?.applied, recorded?.attributes],
    [429, true, false, { a: '1' }],
  )

  clock.advance(41_999)
  assert.deepEqual(await rateStatus(simulator, token), [429, '4', '2', '1'])
  clock.advance(1)
  assert.deepEqual(await rateStatus(simulator, token), [200, '1', '2', '60'])
})

test('each token has its own budget, and all windows share one phase', async (t) => {
  const clock = manualClock()
  const { simulator, token } = await startWithConversation(t, {
    now: clock.now,
    windowPhaseMs: 0,
    rateLimit: 1,
  })
  await rateStatus(simulator, token)
  clock.advance(30_000)
  const other = await obtainToken(simulator)
  assert.deepEqual(await rateStatus(simulator, token), [429, '2', '1', '30'])
  assert.deepEqual(await rateStatus(simulator, other), [200, '1', '1', '30'])
})

test('spend counts against every valid token, but not against later ones', async (t) => {
  const { simulator, token } = await startWithConversation(t, { rateLimit: 100 })
  await rateStatus(simulator, token)
  assert.equal(simulator.spend(98), 1)
  const later = await obtainToken(simulator)
  assert.deepEqual((await rateStatus(simulator, token)).slice(0, 2), [200, '100'])
  assert.deepEqual((await rateStatus(simulator, token)).slice(0, 2), [429, '101'])
  assert.deepEqual((await rateStatus(simulator, later)).slice(0, 2), [200, '1'])
  const response = await control(simulator, 'POST', '/spend', { calls: 7 })
  assert.deepEqual([response.status, await response.json()], [200, { tokens: 2 }])
  assert.equal((await rateStatus(simulator, later))[1], '9')
})

test('a changed limit keeps the count', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  await rateStatus(simulator, token)
  const response = await control(simulator, 'POST', '/rate-limit', { allowed: 1 })
  assert.deepEqual([response.status, await response.json()], [200, { allowed: 1, windowMs: 60_000 }])
  assert.deepEqual((await rateStatus(simulator, token)).slice(0, 3), [429, '2', '1'])
})

test('a new window length starts a new window', async (t) => {
  const clock = manualClock()
  const { simulator, token } = await startWithConversation(t, { now: clock.now, windowPhaseMs: 59_000 })
  await rateStatus(simulator, token)
  assert.deepEqual(simulator.setRateLimit({ windowMs: 10_000 }), { allowed: 300, windowMs: 10_000 })
  assert.deepEqual(await rateStatus(simulator, token), [200, '1', '300', '10'])
})

test('a random phase is within the window', async (t) => {
  const clock = manualClock()
  const resets = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const simulator = await start(t, { now: clock.now, strict: false })
      return Number((await rateStatus(simulator, await obtainToken(simulator)))[3])
    }),
  )
  assert.ok(resets.every((seconds) => seconds >= 1 && seconds <= 60))
  assert.ok(new Set(resets).size > 1)
})
