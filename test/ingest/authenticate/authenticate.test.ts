import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import {
  type AuthenticationOptions,
  createAuthentication,
} from '../../../src/ingest/authenticate/authenticate.ts'

const now = 1_770_000_000_000
const rawBody = Buffer.from('{"type":"conversation:created"}')

const decide = (options: Partial<AuthenticationOptions>, headers: Record<string, string>) =>
  createAuthentication({ auth: 'required', secrets: [], tokens: [], ...options }).verify(
    { headers, rawBody },
    now,
  )

const hub = (secret: string) => `sha256=${createHmac('sha256', secret).update(rawBody).digest('hex')}`

function standard(secret: string): Record<string, string> {
  const timestamp = String(now / 1000)
  const signature = createHmac('sha256', secret).update(`w-1.${timestamp}.`).update(rawBody).digest('base64')
  return { 'webhook-id': 'w-1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

test('one matching scheme is enough', () => {
  const both = { secrets: ['key'], tokens: ['token'] }
  assert.equal(decide(both, standard('key')).accepted, true)
  assert.equal(decide(both, { 'x-hub-signature-256': hub('key') }).accepted, true)
  assert.equal(decide(both, { authorization: 'Bearer token' }).accepted, true)
})

test('a wrong credential next to a valid one is ignored', () => {
  const both = { secrets: ['key'], tokens: ['token'] }
  const wrong = { ...standard('other'), 'x-hub-signature-256': hub('other'), authorization: 'Bearer other' }
  assert.equal(decide(both, wrong).accepted, false)
  assert.equal(decide(both, { ...wrong, authorization: 'Bearer token' }).accepted, true)
  assert.equal(decide(both, { ...wrong, 'x-hub-signature-256': hub('key') }).accepted, true)
  assert.equal(decide(both, { ...wrong, ...standard('key') }).accepted, true)
})

test('a secret is not accepted as token, nor a token as secret', () => {
  assert.equal(decide({ secrets: ['key'] }, { authorization: 'Bearer key' }).accepted, false)
  assert.equal(decide({ tokens: ['token'] }, standard('token')).accepted, false)
  assert.equal(decide({ tokens: ['token'] }, { 'x-hub-signature-256': hub('token') }).accepted, false)
})

test('a request without credentials is refused with a cause for the log', () => {
  for (const options of [{ secrets: ['key'] }, { tokens: ['token'] }, { secrets: ['key'], tokens: ['t'] }]) {
    const verdict = decide(options, {})
    assert.ok(!verdict.accepted)
    assert.notEqual(verdict.cause, '')
  }
})

test('without secrets and tokens, every request is refused', () => {
  for (const headers of [
    {},
    { authorization: 'Bearer ' },
    { 'x-api-key': '' },
    { 'webhook-signature': '' },
  ]) {
    assert.equal(decide({}, headers).accepted, false)
  }
})

test('the verdict has the scheme and the position of the credential, 1 for the newest', () => {
  const both = { secrets: ['new', 'old'], tokens: ['newer', 'older', 'oldest'] }
  const schemeAndPosition = (headers: Record<string, string>) => {
    const verdict = decide(both, headers)
    return verdict.accepted ? [verdict.scheme, verdict.position] : undefined
  }
  assert.deepEqual(schemeAndPosition(standard('new')), ['standard_webhooks', 1])
  assert.deepEqual(schemeAndPosition(standard('old')), ['standard_webhooks', 2])
  assert.deepEqual(schemeAndPosition({ 'x-hub-signature-256': hub('old') }), ['hub_signature', 2])
  assert.deepEqual(schemeAndPosition({ authorization: 'Bearer oldest' }), ['token', 3])
  assert.deepEqual(schemeAndPosition({ authorization: 'Bearer oldest', 'x-api-key': 'newer' }), ['token', 1])
  const signatures = [standard('old'), standard('new')].map((headers) => headers['webhook-signature'])
  assert.deepEqual(schemeAndPosition({ ...standard('old'), 'webhook-signature': signatures.join(' ') }), [
    'standard_webhooks',
    1,
  ])
  assert.deepEqual(decide({ auth: 'none' }, {}), { accepted: true, scheme: 'none', position: 0 })
})

test('a value listed twice gets its newest position', () => {
  const verdict = decide({ tokens: ['same', 'same'] }, { authorization: 'Bearer same' })
  assert.deepEqual(verdict, { accepted: true, scheme: 'token', position: 1 })
})

test('WEBHOOK_AUTH=none accepts every request', () => {
  assert.equal(decide({ auth: 'none', secrets: ['key'], tokens: ['token'] }, {}).accepted, true)
})

test('the cause contains no secret, token or expected signature', () => {
  const verdict = decide({ secrets: ['key-1'], tokens: ['token-1'] }, standard('other'))
  assert.ok(!verdict.accepted)
  assert.doesNotMatch(verdict.cause, /key-1|token-1/)
  const signature = standard('key-1')['webhook-signature']?.slice(3) ?? ''
  assert.ok(!verdict.cause.includes(signature))
})
