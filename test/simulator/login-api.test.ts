import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  basic,
  call,
  field,
  manualClock,
  obtainToken,
  requestToken,
  start,
  startWithConversation,
} from './harness.ts'

const grant = { grant_type: 'client_credentials' }

test('basic credentials get a bearer token with its life in seconds', async (t) => {
  const simulator = await start(t, { tokenLifeMs: 3_600_000 })
  const response = await requestToken(simulator, grant, basic('demo', 'demo'))
  assert.equal(response.status, 200)
  const body: unknown = await response.json()
  assert.deepEqual(Object.keys(Object(body)), ['access_token', 'token_type', 'expires_in'])
  assert.equal(field(body, 'token_type'), 'bearer')
  assert.equal(field(body, 'expires_in'), 3600)
})

test('credentials in the form are accepted', async (t) => {
  const simulator = await start(t, { clientId: 'me', clientSecret: 's:1' })
  const inForm = await requestToken(simulator, { ...grant, client_id: 'me', client_secret: 's:1' })
  const inHeader = await requestToken(simulator, grant, basic('me', 's:1'))
  assert.deepEqual([inForm.status, inHeader.status], [200, 200])
})

const refusals: [
  name: string,
  form: Record<string, string>,
  headers: Record<string, string>,
  status: number,
  error: string,
][] = [
  ['wrong secret', grant, basic('demo', 'wrong'), 401, 'invalid_client'],
  ['wrong id', grant, basic('other', 'demo'), 401, 'invalid_client'],
  ['no credentials', grant, {}, 401, 'invalid_client'],
  [
    'wrong secret in the form',
    { ...grant, client_id: 'demo', client_secret: 'x' },
    {},
    401,
    'invalid_client',
  ],
  ['a header that is not basic', grant, { Authorization: 'Bearer x' }, 401, 'invalid_client'],
  ['basic without a colon', grant, { Authorization: 'Basic ZGVtbw==' }, 401, 'invalid_client'],
  ['other grant type', { grant_type: 'password' }, basic('demo', 'demo'), 400, 'unsupported_grant_type'],
  ['no grant type', {}, basic('demo', 'demo'), 400, 'invalid_request'],
]

for (const [name, form, headers, status, error] of refusals) {
  test(`refused with ${status} ${error}: ${name}`, async (t) => {
    const response = await requestToken(await start(t), form, headers)
    const body: unknown = await response.json()
    assert.deepEqual([response.status, field(body, 'error')], [status, error])
    assert.equal(typeof field(body, 'description'), 'string')
  })
}

test('a body that is not a form is refused with 400', async (t) => {
  const simulator = await start(t)
  for (const type of ['application/json', 'nonsense']) {
    const headers = { ...basic('demo', 'demo'), 'Content-Type': type }
    const init = { method: 'POST', headers, body: '{"grant_type":"client_credentials"}' }
    const response = await fetch(`${simulator.url}/oauth/token`, init)
    assert.deepEqual([response.status, field(await response.json(), 'error')], [400, 'invalid_request'])
  }
})

test('each request issues a new token and older tokens stay valid', async (t) => {
  const { simulator, token } = await startWithConversation(t)
  const second = await obtainToken(simulator)
  assert.notEqual(second, token)
  for (const each of [token, second]) {
    assert.equal((await call(simulator, each, '/api/v2/conversations/c1')).status, 200)
  }
})

test('a token expires exactly after its life', async (t) => {
  const clock = manualClock()
  const { simulator, token } = await startWithConversation(t, { now: clock.now, tokenLifeMs: 300_000 })
  clock.advance(299_999)
  assert.equal((await call(simulator, token, '/api/v2/conversations/c1')).status, 200)
  clock.advance(1)
  assert.equal((await call(simulator, token, '/api/v2/conversations/c1')).status, 401)
})

test('token requests are logged without secrets', async (t) => {
  const simulator = await start(t, { clientSecret: 'top-secret' })
  await requestToken(simulator, { ...grant, client_id: 'demo', client_secret: 'top-secret' })
  await requestToken(simulator, { ...grant, client_id: 'demo', client_secret: 'guess' })
  const seen = simulator
    .calls()
    .map(({ method, path, status, authorized }) => [method, path, status, authorized])
  assert.deepEqual(seen, [
    ['POST', '/oauth/token', 200, true],
    ['POST', '/oauth/token', 401, false],
  ])
  assert.doesNotMatch(JSON.stringify(simulator.calls()), /top-secret|guess|demo/)
})
