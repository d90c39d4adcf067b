import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import type { JWTPayload } from 'jose'
import { createHttp } from '../../../src/http/client.ts'
import { createIssuerKeys } from '../../../src/ingest/authenticate/issuer-keys.ts'
import { createJwtVerifier } from '../../../src/ingest/authenticate/jwt.ts'
import { rounds } from '../../helpers/rounds.ts'
import { startTokenIssuer, type TokenIssuer } from '../../helpers/token-issuer.ts'

const now = 1_770_000_000_000
const audience = 'https://enricher.example.com'
const second = 1
const seconds = now / 1000

interface Setup {
  readonly audiences?: readonly string[]
  readonly subjects?: readonly string[]
  /** The issuer as configured; default: its real URL. */
  readonly configured?: (url: string) => string
  readonly timeoutMs?: number
}

async function setUp(t: TestContext, setup: Setup = {}) {
  const { audiences = [audience], subjects = [], configured = (url) => url, timeoutMs = 5_000 } = setup
  const issuer = await startTokenIssuer(t)
  const { http, close } = createHttp({ timeoutMs, maxSockets: 2 })
  t.after(close)
  const clock = { ms: 1_000_000 }
  const url = configured(issuer.url)
  const keys = createIssuerKeys({ issuer: url, http, monotonic: () => clock.ms })
  const verify = createJwtVerifier({ issuer: url, audiences, subjects, keys })
  const decide = (token: string) => verify(token, now)
  return {
    issuer,
    clock,
    decide,
    signed: async (claims: JWTPayload) => decide(await issuer.sign(now, { claims })),
  }
}

const valid = { accepted: true, scheme: 'jwt', position: 1 } as const

test('a token of the issuer for the audience is accepted, with two requests in total', async (t) => {
  const { issuer, decide } = await setUp(t)
  for (let request = 0; request < 3; request += 1)
    assert.deepEqual(await decide(await issuer.sign(now)), valid)
  assert.deepEqual(issuer.requests, ['/.well-known/openid-configuration', '/keys'])
})

test('concurrent requests share one fetch of the keys', async (t) => {
  const { issuer, decide } = await setUp(t)
  const token = await issuer.sign(now)
  const verdicts = await Promise.all(Array.from({ length: 20 }, () => decide(token)))
  assert.ok(verdicts.every(({ accepted }) => accepted))
  assert.equal(issuer.requests.length, 2)
})

for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
  test(`a token signed with ${alg} is accepted`, async (t) => {
    const { issuer, decide } = await setUp(t)
    await issuer.rotate({ alg })
    assert.deepEqual(await decide(await issuer.sign(now)), valid)
  })
}

for (const [what, claims, cause] of [
  ['an expired token', { exp: seconds - 61 * second }, /ERR_JWT_EXPIRED/],
  ['a token without an end', { exp: undefined }, /exp/],
  ['a token that is not valid yet', { nbf: seconds + 61 * second }, /nbf/],
  ['a token for another audience', { aud: 'https://other.example.com' }, /audience .*other\.example\.com/],
  ['a token without an audience', { aud: undefined }, /audience .*missing/],
  ['a token of another issuer', { iss: 'https://accounts.google.com' }, /issuer .*accounts\.google\.com/],
  ['a token whose issuer has one more slash', { iss: 'https://accounts.google.com/' }, /issuer/],
  ['a token without an issuer', { iss: undefined }, /issuer .*missing/],
] as const) {
  test(`${what} is refused`, async (t) => {
    const { signed } = await setUp(t)
    const verdict = await signed(claims as JWTPayload)
    assert.ok(!verdict.accepted && verdict.unavailable === undefined)
    assert.match(verdict.cause, cause)
  })
}

test('the clock of the issuer may differ by a minute', async (t) => {
  const { signed } = await setUp(t)
  assert.deepEqual(await signed({ exp: seconds - 59 * second }), valid)
  assert.deepEqual(await signed({ nbf: seconds + 59 * second }), valid)
})

test('a token of another issuer or audience causes no request', async (t) => {
  const { issuer, signed, decide } = await setUp(t)
  await signed({ iss: 'https://login.example.com' })
  await signed({ aud: 'https://other.example.com' })
  await decide('not-a-jwt')
  assert.deepEqual(issuer.requests, [])
})

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = (issuer: TokenIssuer) => ({ iss: issuer.url, aud: audience, sub: 's', exp: seconds + 60 })

test('a token without a signature (alg none) is refused', async (t) => {
  const { issuer, decide } = await setUp(t)
  for (const alg of ['none', 'None', 'NONE', '']) {
    const verdict = await decide(`${encode({ alg })}.${encode(claims(issuer))}.`)
    assert.ok(!verdict.accepted)
    assert.match(verdict.cause, /algorithm/)
  }
})

test('a token signed with HS256 and the public key as secret is refused', async (t) => {
  const { issuer, decide } = await setUp(t)
  const [jwk] = issuer.keys()
  assert.ok(jwk !== undefined)
  const publicKey = createPublicKey({ key: { ...jwk }, format: 'jwk' })
  for (const secret of [publicKey.export({ type: 'spki', format: 'pem' }), JSON.stringify(jwk)]) {
    const text = `${encode({ alg: 'HS256', kid: jwk.kid })}.${encode(claims(issuer))}`
    const verdict = await decide(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`)
    assert.ok(!verdict.accepted)
    assert.match(verdict.cause, /algorithm "HS256"/)
  }
})

test('a changed token is refused', async (t) => {
  const { issuer, decide } = await setUp(t)
  const [head = '', payload = '', signature = ''] = (await issuer.sign(now)).split('.')
  const other = encode({ ...claims(issuer), sub: 'somebody else' })
  for (const token of [
    `${head}.${other}.${signature}`,
    `${head}.${payload}.${signature.slice(0, -6)}AAAAAA`,
    `${head}.${payload}.`,
    `${head}.${payload}`,
    `${head}.${payload}.${signature}.${signature}`,
  ])
    assert.equal((await decide(token)).accepted, false, token)
})

test('a key in the header of the token is not used', async (t) => {
  const { issuer, decide } = await setUp(t)
  const stranger = await startTokenIssuer(t)
  const token = await stranger.sign(now, { claims: { iss: issuer.url } })
  const [head = '', ...rest] = token.split('.')
  const header = { ...JSON.parse(Buffer.from(head, 'base64url').toString()), jwk: stranger.keys()[0] }
  assert.equal((await decide([encode(header), ...rest].join('.'))).accepted, false)
  assert.equal((await decide(token)).accepted, false)
})

test('a new key of the issuer is fetched when a token names it', async (t) => {
  const { issuer, clock, decide } = await setUp(t)
  assert.deepEqual(await decide(await issuer.sign(now)), valid)
  await issuer.rotate()
  clock.ms += 30_000
  assert.deepEqual(await decide(await issuer.sign(now)), valid)
  assert.equal(issuer.requests.length, 4)
})

test('unknown keys cause at most one fetch in 30 seconds', async (t) => {
  const { issuer, clock, decide } = await setUp(t)
  await decide(await issuer.sign(now))
  for (let token = 0; token < 5; token += 1) {
    const verdict = await decide(await issuer.sign(now, { kid: `unknown-${token}` }))
    assert.ok(!verdict.accepted && verdict.unavailable === 'jwt', 'the key may be new')
    assert.match(verdict.cause, /fetched less than 30 seconds ago/)
  }
  assert.equal(issuer.requests.length, 2)
  clock.ms += 30_000
  for (let token = 0; token < 5; token += 1) {
    const verdict = await decide(await issuer.sign(now, { kid: `unknown-${token}` }))
    assert.ok(!verdict.accepted)
    assert.equal(verdict.unavailable, token === 0 ? undefined : 'jwt')
    if (token === 0) assert.match(verdict.cause, /does not have the key/)
  }
  assert.equal(issuer.requests.length, 4)
})

test('a wrong signature is refused, and causes at most one fetch in 30 seconds', async (t) => {
  const { issuer, clock, decide } = await setUp(t)
  const stranger = await startTokenIssuer(t)
  const forged = await stranger.sign(now, { claims: { iss: issuer.url } })
  for (const fetches of [2, 2, 4, 4]) {
    if (fetches === 4) clock.ms += 15_000
    const verdict = await decide(forged)
    assert.ok(!verdict.accepted)
    assert.equal(verdict.unavailable, undefined)
    assert.match(verdict.cause, /did not make its signature/)
    if (fetches === 2) assert.equal(issuer.requests.length, 2)
  }
  assert.equal(issuer.requests.length, 4)
})

test('a new key with the name of the old one is fetched after 30 seconds', async (t) => {
  const { issuer, clock, decide } = await setUp(t)
  assert.deepEqual(await decide(await issuer.sign(now)), valid)
  await issuer.rotate({ kid: 'key-1' })
  const token = await issuer.sign(now)
  assert.equal((await decide(token)).accepted, false)
  clock.ms += 30_000
  assert.deepEqual(await decide(token), valid)
})

test('a key that the issuer withdrew is refused after 10 minutes', async (t) => {
  const { issuer, clock, decide } = await setUp(t)
  const token = await issuer.sign(now)
  assert.deepEqual(await decide(token), valid)
  await issuer.rotate()
  clock.ms += 10 * 60_000 - 1
  assert.deepEqual(await decide(token), valid)
  clock.ms += 1
  assert.equal((await decide(token)).accepted, false)
})

test('a token without kid is tried with every key that fits', async (t) => {
  const { issuer, decide } = await setUp(t)
  await issuer.rotate({ kid: undefined })
  await issuer.rotate({ kid: undefined, keep: true })
  assert.deepEqual(await decide(await issuer.sign(now)), valid)
  const stranger = await startTokenIssuer(t)
  await stranger.rotate({ kid: undefined })
  assert.equal((await decide(await stranger.sign(now, { claims: { iss: issuer.url } }))).accepted, false)
})

test('a token without kid that is not valid is refused for its own reason, with one or several keys', async (t) => {
  const { issuer, clock, decide } = await setUp(t)
  for (const keep of [false, true]) {
    await issuer.rotate({ kid: undefined, keep })
    clock.ms += 600_000
    const verdict = await decide(await issuer.sign(now - 7_200_000))
    assert.ok(!verdict.accepted)
    assert.match(verdict.cause, /ERR_JWT_EXPIRED/)
  }
})

test('for a token without kid, newer keys are fetched if none of the known ones made its signature', async (t) => {
  const { issuer, clock, decide } = await setUp(t)
  for (const keys of [1, 2]) {
    for (let key = 0; key < keys; key += 1) await issuer.rotate({ kid: undefined, keep: key > 0 })
    clock.ms += 600_000
    assert.deepEqual(await decide(await issuer.sign(now)), valid)
    await issuer.rotate({ kid: undefined, keep: keys > 1 })
    const token = await issuer.sign(now)
    const early = await decide(token)
    assert.ok(!early.accepted)
    assert.equal(early.unavailable, 'jwt')
    clock.ms += 30_000
    assert.deepEqual(await decide(token), valid)
  }
})

for (const [what, answer] of [
  ['answers 500', { status: 500 }],
  ['redirects', { status: 302 }],
  ['answers with HTML', { body: '<html>' }],
  ['answers with other JSON', { body: '{"issuer":5}' }],
  ['answers with too much', { body: 'x'.repeat(2_000_000) }],
  ['does not answer', { hang: true }],
] as const) {
  test(`while the issuer ${what}, a token may be valid; later it is accepted`, async (t) => {
    const { issuer, clock, decide } = await setUp(t, { timeoutMs: 200 })
    issuer.answer = answer
    const token = await issuer.sign(now)
    for (let request = 0; request < 3; request += 1) {
      const verdict = await decide(token)
      assert.ok(!verdict.accepted)
      assert.equal(verdict.unavailable, 'jwt')
    }
    assert.equal(issuer.requests.length, 1, 'no fetch for 10 seconds after a failed one')
    issuer.answer = undefined
    clock.ms += 10_000
    assert.deepEqual(await decide(token), valid)
  })
}

test('while the issuer does not answer, known keys are used for a day', async (t) => {
  const { issuer, clock, decide } = await setUp(t)
  const token = await issuer.sign(now)
  await decide(token)
  issuer.answer = { status: 500 }
  clock.ms += 24 * 3_600_000 - 1
  assert.deepEqual(await decide(token), valid)
  const unknown = await decide(await issuer.sign(now, { kid: 'unknown' }))
  assert.ok(!unknown.accepted)
  assert.equal(unknown.unavailable, 'jwt', 'the key may be new')
  clock.ms += 10_000
  const verdict = await decide(token)
  assert.ok(!verdict.accepted)
  assert.equal(verdict.unavailable, 'jwt')
})

test('keys of an issuer whose document names another issuer are not used, and the cause names the remedy', async (t) => {
  const { issuer, decide } = await setUp(t)
  issuer.named = 'https://login.example.com'
  const verdict = await decide(await issuer.sign(now))
  assert.ok(!verdict.accepted)
  assert.equal(verdict.unavailable, 'jwt')
  assert.match(verdict.cause, /"https:\/\/login\.example\.com": use it as WEBHOOK_OIDC_ISSUER/)
})

test('keys are not fetched over plain HTTP from another machine', async (t) => {
  const { issuer, decide } = await setUp(t)
  issuer.keysUrl = 'http://keys.example.com/keys'
  const verdict = await decide(await issuer.sign(now))
  assert.ok(!verdict.accepted)
  assert.match(verdict.cause, /jwks_uri is not an https URL/)
})

test('an issuer with a path and a slash at its end, like that of Microsoft Entra (v1), is found', async (t) => {
  const { issuer, decide } = await setUp(t, { configured: (url) => `${url}/tenant/` })
  issuer.named = `${issuer.url}/tenant/`
  assert.deepEqual(await decide(await issuer.sign(now, { claims: { iss: issuer.named } })), valid)
  assert.equal(issuer.requests[0], '/tenant/.well-known/openid-configuration')
})

test('the position is that of the audience', async (t) => {
  const { signed } = await setUp(t, { audiences: ['https://new.example.com', audience] })
  assert.deepEqual(await signed({}), { ...valid, position: 2 })
  assert.deepEqual(await signed({ aud: ['x', 'https://new.example.com', audience] }), valid)
})

test('with subjects, a token needs one of them as sub or as verified email', async (t) => {
  const account = 'push@project.iam.gserviceaccount.com'
  const { signed } = await setUp(t, { subjects: ['4711', account] })
  assert.deepEqual(await signed({ sub: '4711' }), valid)
  assert.deepEqual(await signed({ email: account, email_verified: true }), valid)
  for (const claims of [
    {},
    { sub: undefined },
    { sub: '4712' },
    { email: account },
    { email: account, email_verified: false },
    { email: account, email_verified: 'true' },
    { email: 'other@project.iam.gserviceaccount.com', email_verified: true },
    { sub: ['4711'] as unknown as string },
  ]) {
    const verdict = await signed(claims as JWTPayload)
    assert.ok(!verdict.accepted, JSON.stringify(claims))
  }
})

test('property: any text instead of a token is refused without a request', async (t) => {
  const { issuer, decide } = await setUp(t)
  const part = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.json({ maxDepth: 2 }).map((json) => Buffer.from(json).toString('base64url')),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
      assert.equal((await decide(parts.join('.'))).accepted, false)
    }),
    { numRuns: rounds(300) },
  )
  assert.deepEqual(issuer.requests, [])
})

for (const [what, keys] of [
  ['an empty key set', { keys: [] }],
  ['a key set without objects', { keys: [5] }],
  ['a key set that is a list', []],
] as const) {
  test(`with ${what}, a token may be valid`, async (t) => {
    const { issuer, decide } = await setUp(t)
    issuer.publish(keys)
    const verdict = await decide(await issuer.sign(now))
    assert.ok(!verdict.accepted)
    assert.equal(verdict.unavailable, 'jwt')
  })
}
