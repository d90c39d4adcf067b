import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Authentication,
  type AuthenticationOptions,
  createAuthentication,
} from '../../../src/ingest/authenticate/authenticate.ts'
import type { Credentials } from '../../../src/ingest/authenticate/credentials.ts'
import { rounds } from '../../helpers/rounds.ts'

const now = 1_770_000_000_000
const rawBody = Buffer.from('{"type":"conversation:created"}')

const decide = (options: Partial<AuthenticationOptions>, headers: Record<string, string>) =>
  createAuthentication({ auth: 'required', secrets: [], tokens: [], ...options }).verify(
    { headers, rawBody },
    now,
  )

/** Checks the credentials in both steps. */
function verifyFetched(authentication: Authentication, credentials: Credentials) {
  const verdict = authentication.verify(credentials, now)
  assert.ok(!verdict.accepted)
  return authentication.verifyFetched(credentials, now, verdict)
}

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

const asBearer = (token: string) => ({ authorization: `Bearer ${token}` })
const svix = (secret: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(standard(secret)).map(([name, value]) => [name.replace('webhook', 'svix'), value]),
  )
const firehose = (token: string) => ({ 'x-amz-firehose-access-key': token })
const relay = (secret: string) => ({ 'x-relay-signature': hub(secret) })

/** Every scheme that needs no fetched key, with the headers that a valid or another credential gives. */
const schemes = [
  ['standard_webhooks', standard],
  ['standard_webhooks', svix],
  ['hub_signature', (secret: string) => ({ 'x-hub-signature-256': hub(secret) })],
  ['hmac_header', relay],
  ['token', asBearer],
  ['token', (token: string) => ({ 'x-api-key': token })],
  ['token', firehose],
] as const

for (const [index, [scheme, headersOf]] of schemes.entries()) {
  const name = Object.keys(headersOf('x')).at(-1)
  test(`${scheme} in ${name}: good and bad credentials`, () => {
    const options = { secrets: ['new', 'old'], tokens: ['new', 'old'], hmacHeader: 'X-Relay-Signature' }
    const verdict = decide(options, headersOf('old'))
    assert.deepEqual(verdict.accepted && [verdict.scheme, verdict.position], [scheme, 2])
    assert.equal(decide(options, headersOf('other')).accepted, false, 'another secret')
    assert.equal(
      decide({ ...options, secrets: [], tokens: [] }, headersOf('old')).accepted,
      false,
      'none configured',
    )
    const [, next] = schemes[(index + 1) % schemes.length] ?? schemes[0]
    assert.equal(
      decide(options, { ...next('other'), ...headersOf('old') }).accepted,
      true,
      'beside a wrong one',
    )
    if (scheme === 'token') return
    const tampered = { headers: headersOf('old'), rawBody: Buffer.from('{}') }
    const authentication = createAuthentication({ auth: 'required', ...options })
    assert.equal(authentication.verify(tampered, now).accepted, false, 'another body')
    assert.equal(authentication.needsBody(tampered.headers), true)
  })
}

test('the headers of both names of Standard Webhooks are not mixed', () => {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '' } = standard('key')
  const mixed = {
    'webhook-id': id,
    'svix-timestamp': timestamp,
    'svix-signature': standard('key')['webhook-signature'] ?? '',
  }
  assert.equal(decide({ secrets: ['key'] }, mixed).accepted, false)
  assert.equal(decide({ secrets: ['key'] }, { ...standard('other'), ...svix('key') }).accepted, true)
  assert.equal(decide({ secrets: ['key'] }, { ...standard('key'), ...svix('other') }).accepted, true)
})

test('without WEBHOOK_HMAC_HEADER, another signature header is not read', () => {
  assert.equal(decide({ secrets: ['key'] }, relay('key')).accepted, false)
})

test('a JWT or a message of SNS is checked only if it is there', async () => {
  const seen: unknown[] = []
  const refused = { accepted: false, cause: 'wrong' } as const
  const sns = {
    check: async (message: object) => {
      seen.push(message)
      return { accepted: true, scheme: 'sns', position: 1 } as const
    },
  }
  const jwt = async (token: string) => {
    seen.push(token)
    return refused
  }
  const authentication = createAuthentication({ auth: 'required', secrets: [], tokens: [], jwt, sns })
  const message = { Type: 'Notification', TopicArn: 'arn', Signature: 'x' }
  const body = Buffer.from(JSON.stringify(message))
  const marked = { 'x-amz-sns-message-type': 'Notification' }
  assert.equal(authentication.needsBody(marked), true)
  assert.equal(authentication.needsBody(asBearer('a.b.c')), false)
  assert.equal(verifyFetched(authentication, { headers: {}, rawBody: body }), undefined)
  assert.equal(verifyFetched(authentication, { headers: marked, rawBody }), undefined)
  const both = { headers: { ...marked, ...asBearer('a.b.c') }, rawBody: body }
  assert.deepEqual(await verifyFetched(authentication, both), {
    accepted: true,
    scheme: 'sns',
    position: 1,
  })
  assert.deepEqual(seen, ['a.b.c', message])
  const token = { headers: asBearer('a.b.c'), rawBody }
  assert.deepEqual(await verifyFetched(authentication, token), refused)
})

test('of two credentials, one that may be valid wins over one that is wrong', async () => {
  const sns = {
    check: async () => ({ accepted: false, cause: 'down', unavailable: 'sns' }) as const,
  }
  const jwt = async () => ({ accepted: false, cause: 'wrong' }) as const
  const authentication = createAuthentication({ auth: 'required', secrets: [], tokens: [], jwt, sns })
  const message = { Type: 'Notification', TopicArn: 'arn', Signature: 'x' }
  const headers = { 'x-amz-sns-message-type': 'Notification', ...asBearer('a.b.c') }
  const verdict = await verifyFetched(authentication, {
    headers,
    rawBody: Buffer.from(JSON.stringify(message)),
  })
  assert.deepEqual(verdict, { accepted: false, cause: 'down', unavailable: 'sns' })
})

test('the cause of a refusal names every credential that was checked', async () => {
  const jwt = async () => ({ accepted: false, cause: 'the token has expired' }) as const
  const authentication = createAuthentication({ auth: 'required', secrets: ['key'], tokens: ['token'], jwt })
  const headers = { ...asBearer('a.b.c'), 'x-hub-signature-256': hub('other'), 'x-api-key': 'wrong' }
  const verdict = await verifyFetched(authentication, { headers, rawBody })
  assert.ok(verdict?.accepted === false)
  assert.deepEqual(verdict.cause.split('; '), [
    'x-hub-signature-256 matches no secret',
    'the token matches none of WEBHOOK_TOKENS',
    'the token has expired',
  ])
})

test('property: any headers give a verdict', () => {
  const names = [
    ...[
      'authorization',
      'x-api-key',
      'x-amz-firehose-access-key',
      'x-hub-signature-256',
      'x-relay-signature',
    ],
    ...[
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature',
      'svix-id',
      'svix-timestamp',
      'svix-signature',
    ],
  ]
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(String(now / 1000), 'v1,', 'Bearer a.b.c', 'Basic', `t=${now / 1000},v1=`),
  )
  const value = fc.oneof(text, fc.array(text))
  const options = { secrets: ['key', 'whsec_a2V5'], tokens: ['token'], hmacHeader: 'x-relay-signature' }
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value), (headers) => {
      const authentication = createAuthentication({ auth: 'required', ...options })
      assert.equal(authentication.verify({ headers, rawBody }, now).accepted, false)
    }),
    { numRuns: rounds(150) },
  )
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

test('a recorded request that signs more than its body is not accepted as a signature of the body', () => {
  const timestamp = String(now / 1000 - 86_400)
  const recorded = `[\n${rawBody},\n${rawBody}\n]`
  for (const signed of [
    `w-1.${timestamp}.${recorded}`,
    `${timestamp}.${recorded}`,
    `${timestamp},${recorded}`,
  ]) {
    const digest = createHmac('sha256', 'key').update(signed).digest('base64')
    for (const headers of [{ 'x-hub-signature-256': `sha256=${digest}` }, { 'x-relay-signature': digest }]) {
      const verdict = createAuthentication({
        auth: 'required',
        secrets: ['key'],
        tokens: [],
        hmacHeader: 'X-Relay-Signature',
      }).verify({ headers, rawBody: Buffer.from(signed) }, now)
      assert.ok(!verdict.accepted)
      assert.match(verdict.cause, /does not begin with JSON/)
    }
  }
})

test('a signature of the body alone is accepted for every form of JSON', () => {
  for (const text of ['{}', '[]', '"{}"', '\uFEFF{}', ' \r\n\t{}', '{}\n{}', '']) {
    const body = Buffer.from(text)
    const headers = {
      'x-hub-signature-256': `sha256=${createHmac('sha256', 'key').update(body).digest('hex')}`,
    }
    const authentication = createAuthentication({ auth: 'required', secrets: ['key'], tokens: [] })
    assert.ok(authentication.verify({ headers, rawBody: body }, now).accepted, text)
  }
})

test('a credential that a proxy has sent twice is accepted if both values are the same', () => {
  const both = { secrets: ['key'], tokens: ['token'], hmacHeader: 'x-relay-signature' }
  const twice = (one: string, other = one) => [`${one}, ${other}`, `${one},${other}`]
  for (const value of twice('token')) assert.ok(decide(both, { 'x-api-key': value }).accepted)
  for (const value of twice('Bearer token')) assert.ok(decide(both, { authorization: value }).accepted)
  for (const value of twice(hub('key'))) {
    assert.ok(decide(both, { 'x-hub-signature-256': value }).accepted)
    assert.ok(decide(both, { 'x-relay-signature': value }).accepted)
  }
  for (const value of twice('token', 'other')) assert.ok(!decide(both, { 'x-api-key': value }).accepted)
  for (const value of twice(hub('key'), hub('other')))
    assert.ok(!decide(both, { 'x-hub-signature-256': value }).accepted)
})
