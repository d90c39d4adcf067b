import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  attributesPath,
  basic,
  call,
  errorOf,
  field,
  obtainToken,
  patch,
  requestToken,
  startWithConversation,
  until,
} from './harness.ts'

const conversationPath = '/api/v2/conversations/c1'
const change = { attributes: { a: '1' } }
/** Longer than any test: only a disconnect ends this delay. */
const endlessMs = 600_000

test('faults apply in order and as often as their times, then calls succeed again', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  simulator.addFault({ status: 503, times: 2 })
  simulator.addFault({ status: 500 })
  const statuses: number[] = []
  for (let n = 0; n < 4; n += 1) statuses.push((await patch(simulator, token, change)).status)
  assert.deepEqual(statuses, [503, 503, 500, 202])
  assert.deepEqual(simulator.faults(), [])
  const recorded = simulator.calls(1).map(({ status, authorized, applied }) => [status, authorized, applied])
  assert.deepEqual(recorded, [
    [503, true, false],
    [503, true, false],
    [500, true, false],
    [202, true, true],
  ])
})

test('a fault applies only to matching requests', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  simulator.addFault({ match: { method: 'patch', path: conversationPath }, status: 500 })
  simulator.addFault({ match: { method: 'PATCH', path: `${conversationPath}/*` }, status: 502 })
  simulator.addFault({ match: { path: `${conversationPath}` }, status: 504 })
  assert.equal((await patch(simulator, token, change)).status, 502)
  assert.equal((await call(simulator, token, `${conversationPath}?expand=x`)).status, 504)
  assert.equal((await patch(simulator, token, change)).status, 202)
  assert.equal(simulator.faults().length, 1)
})

test('a fault answers before authentication and spends no budget', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  simulator.addFault({ status: 429, headers: { 'Retry-After': '42' }, times: 2 })
  assert.equal((await call(simulator, 'wrong', conversationPath)).status, 429)
  assert.equal((await call(simulator, token, conversationPath)).status, 429)
  const normal = await call(simulator, token, conversationPath)
  assert.equal(normal.headers.get('inin-ratelimit-count'), '1')
  assert.deepEqual(
    simulator.calls(1).map((each) => each.authorized),
    [false, true, true],
  )
})

test('a 429 has the official body, and a Retry-After unless the fault removes it', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  simulator.addFault({ status: 429, headers: { 'retry-after': '7' } })
  simulator.addFault({ status: 429 })
  simulator.addFault({ status: 429, headers: { 'Retry-After': null } })
  const [given, usual, none] = [
    await call(simulator, token, conversationPath),
    await call(simulator, token, conversationPath),
    await call(simulator, token, conversationPath),
  ]
  assert.equal(given.headers.get('retry-after'), '7')
  assert.match(await given.clone().text(), /Retry the request in \[7\] seconds/)
  assert.match(usual.headers.get('retry-after') ?? '', /^([1-9]|[1-5]\d|60)$/)
  assert.equal(none.headers.get('retry-after'), null)
  for (const answer of [given, usual, none]) {
    assert.deepEqual(await errorOf(answer), [429, 'too.many.requests.retry.after'])
  }
})

test('a fault can set headers and body', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const headers = { 'content-type': 'text/html', 'x-cache': 'error', 'ININ-Correlation-Id': 'mine' }
  simulator.addFault({ status: 502, headers, body: '<h1>Bad gateway</h1>' })
  simulator.addFault({ status: 409, body: { code: 'busy' } })
  simulator.addFault({ status: 200, body: null })
  const [html, json, nothing] = [
    await patch(simulator, token, change),
    await patch(simulator, token, change),
    await patch(simulator, token, change),
  ]
  assert.deepEqual([html.status, await html.text()], [502, '<h1>Bad gateway</h1>'])
  assert.deepEqual([html.headers.get('content-type'), html.headers.get('x-cache')], ['text/html', 'error'])
  assert.equal(html.headers.get('inin-correlation-id'), 'mine')
  assert.deepEqual([json.status, await json.json()], [409, { code: 'busy' }])
  assert.deepEqual([nothing.status, await nothing.text()], [200, 'null'])
})

for (const status of [400, 401, 403, 404, 408, 409, 413, 415, 418, 422, 500, 502, 503, 504, 599]) {
  test(`a fault of status ${status} has a complete error body`, async (t) => {
    const { simulator, token } = await startWithConversation(t)
    simulator.addFault({ status })
    assert.equal((await errorOf(await patch(simulator, token, change)))[0], status)
  })
}

test('headers without a status change the headers of the normal response', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  simulator.addFault({ headers: { 'ININ-RateLimit-Count': null, 'inin-ratelimit-allowed': '7' } })
  const answer = await patch(simulator, token, change)
  assert.equal(answer.status, 202)
  assert.equal(answer.headers.get('inin-ratelimit-count'), null)
  assert.equal(answer.headers.get('inin-ratelimit-allowed'), '7')
  assert.equal((await patch(simulator, token, change)).headers.get('inin-ratelimit-allowed'), '300')
})

test('faults of the login API have its error format', async (t) => {
  const { simulator } = await startWithConversation(t)
  simulator.addFault({ match: { path: '/oauth/token' }, status: 503 })
  simulator.addFault({ match: { path: '/oauth/*' }, status: 401 })
  const request = () => requestToken(simulator, { grant_type: 'client_credentials' }, basic('demo', 'demo'))
  const [down, refused] = [await request(), await request()]
  assert.deepEqual([down.status, field(await down.json(), 'error')], [503, 'server_error'])
  assert.deepEqual([refused.status, field(await refused.json(), 'error')], [401, 'invalid_client'])
  assert.equal((await request()).status, 200)
})

test('faults do not apply to the controls and the probe', async (t) => {
  const { simulator } = await startWithConversation(t)
  simulator.addFault({ status: 500 })
  assert.equal((await fetch(`${simulator.url}/simulator/calls`)).status, 200)
  assert.equal((await fetch(`${simulator.url}/livez`)).status, 200)
  assert.equal(simulator.faults().length, 1)
})

test('a reset ends the connection without a response and is logged as status 0', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  simulator.addFault({ reset: true })
  await assert.rejects(patch(simulator, token, change), TypeError)
  assert.equal((await patch(simulator, token, change)).status, 202)
  const recorded = simulator.calls(1).map(({ status, applied, attributes }) => [status, applied, attributes])
  assert.deepEqual(recorded, [
    [0, false, change.attributes],
    [202, true, change.attributes],
  ])
})

test('a delayed call continues normally, or with the status of the fault', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  simulator.addFault({ delayMs: 40 })
  simulator.addFault({ delayMs: 40, status: 500 })
  const begin = performance.now()
  assert.equal((await patch(simulator, token, change)).status, 202)
  assert.equal((await patch(simulator, token, change)).status, 500)
  assert.ok(performance.now() - begin >= 75)
})

test('a disconnect ends the delay, and the call is still executed and logged', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  simulator.addFault({ delayMs: endlessMs })
  const client = new AbortController()
  const answer = patch(simulator, token, change, attributesPath, { signal: client.signal })
  await until(() => simulator.faults().length === 0)
  assert.equal(simulator.conversation('c1')?.participants[0]?.attributes.a, undefined)
  client.abort()
  await assert.rejects(answer, { name: 'AbortError' })
  await until(() => simulator.calls(1).length === 1)
  const [recorded] = simulator.calls(1)
  assert.deepEqual([recorded?.status, recorded?.applied, recorded?.disconnected], [202, true, true])
  assert.equal((await patch(simulator, token, change)).status, 202)
  const [next] = simulator.calls(2)
  assert.deepEqual([next?.inFlightForParticipant, next?.disconnected], [1, undefined])
})

test('a disconnect before a delayed reset or status is logged', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  for (const [fault, status] of [
    [{ reset: true }, 0],
    [{ status: 500 }, 500],
  ] as const) {
    const seen = simulator.calls().length
    simulator.addFault({ delayMs: endlessMs, ...fault })
    const client = new AbortController()
    const answer = patch(simulator, token, change, attributesPath, { signal: client.signal })
    await until(() => simulator.faults().length === 0)
    client.abort()
    await assert.rejects(answer, { name: 'AbortError' })
    await until(() => simulator.calls().length === seen + 1)
    const recorded = simulator.calls().at(-1)
    assert.deepEqual([recorded?.status, recorded?.applied, recorded?.disconnected], [status, false, true])
  }
})

test('latency delays the response after the effect, on the API only', async (t) => {
  const { simulator, token } = await startWithConversation(t, { latencyMs: endlessMs })
  const client = new AbortController()
  const answer = patch(simulator, token, change, attributesPath, { signal: client.signal })
  await until(() => simulator.conversation('c1')?.participants[0]?.attributes.a === '1')
  assert.deepEqual(simulator.calls(1), [])
  client.abort()
  await assert.rejects(answer, { name: 'AbortError' })
  await until(() => simulator.calls(1).length === 1)
  assert.equal(simulator.calls(1)[0]?.disconnected, true)
})

test('the call log shows concurrent PATCHes of one participant', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  simulator.addFault({ delayMs: endlessMs })
  const client = new AbortController()
  const slow = patch(simulator, token, change, attributesPath, { signal: client.signal })
  await until(() => simulator.faults().length === 0)
  await patch(simulator, token, change)
  await patch(simulator, token, change, '/api/v2/conversations/c1/participants/p2/attributes')
  await call(simulator, token, conversationPath)
  const counts = simulator.calls(1).map((each) => each.inFlightForParticipant)
  assert.deepEqual(counts, [2, 1, 0])
  client.abort()
  await assert.rejects(slow)
})

test('sequential PATCHes do not overlap', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  for (let n = 0; n < 50; n += 1) await (await patch(simulator, token, change)).text()
  assert.ok(simulator.calls(1).every((each) => each.inFlightForParticipant === 1))
})

test('an aborted upload does not stay in flight', async (t) => {
  const { simulator } = await startWithConversation(t)
  const token = await obtainToken(simulator)
  const client = new AbortController()
  const sent = Promise.withResolvers<void>()
  const body = new ReadableStream({
    async pull(controller) {
      controller.enqueue(new TextEncoder().encode('{"attributes":'))
      sent.resolve()
      await new Promise((_, reject) => client.signal.addEventListener('abort', reject))
    },
  })
  const init = { method: 'PATCH', body, duplex: 'half', signal: client.signal } as const
  const answer = call(simulator, token, attributesPath, {
    ...init,
    headers: { 'Content-Type': 'application/json' },
  })
  await sent.promise
  client.abort()
  await assert.rejects(answer)
  await patch(simulator, token, change)
  assert.equal(simulator.calls().at(-1)?.inFlightForParticipant, 1)
})
