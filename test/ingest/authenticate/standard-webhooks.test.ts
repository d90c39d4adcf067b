import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { createSigningKeys } from '../../../src/ingest/authenticate/signing-keys.ts'
import { verifyStandardWebhook } from '../../../src/ingest/authenticate/standard-webhooks.ts'
import { rounds } from '../../helpers/rounds.ts'

const now = 1_770_000_000_000
const secret = `whsec_${Buffer.from('a key of the relay, 24 bytes+').toString('base64')}`
const older = `whsec_${Buffer.from('the key before that, 24 bytes').toString('base64')}`

interface Signed {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
  readonly body: string
}

/** Signs with the reference library of Standard Webhooks. */
function signed(body: string, { key = secret, id = 'msg_1', at = now } = {}): Signed {
  const time = new Date(at)
  const signature = new Webhook(key).sign(id, time, body)
  return { id, timestamp: String(Math.floor(at / 1000)), signature, body }
}

const verify = ({ id, timestamp, signature, body }: Signed, secrets = [secret], at = now): boolean =>
  verifyStandardWebhook(
    signature,
    { headers: { 'webhook-id': id, 'webhook-timestamp': timestamp }, rawBody: Buffer.from(body) },
    { keys: createSigningKeys(secrets), now: at, prefix: 'webhook' },
  ).accepted

const key = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`)
const anyId = fc.string({ unit: fc.constantFrom(...'abcXYZ012_-.:'), minLength: 1, maxLength: 40 })
const message = fc.record({ body: fc.string({ unit: 'binary', maxLength: 200 }), key, id: anyId })

test('property: signatures of the reference library are accepted', () => {
  fc.assert(
    fc.property(message, ({ body, key, id }) => {
      assert.ok(verify(signed(body, { key, id }), [key]))
    }),
    { numRuns: rounds(300) },
  )
})

test('property: any changed character of body, id, timestamp or signature is refused', () => {
  const field = fc.constantFrom('body', 'id', 'timestamp', 'signature')
  const replacement = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 })
  fc.assert(
    fc.property(message, field, fc.nat(), replacement, ({ body, key, id }, name, place, character) => {
      const original = signed(body, { key, id })
      const at = place % Math.max(1, original[name].length)
      const changed = original[name].slice(0, at) + character + original[name].slice(at + 1)
      fc.pre(changed !== original[name])
      assert.ok(!verify({ ...original, [name]: changed }, [key]))
    }),
    { numRuns: rounds(300) },
  )
})

test('property: a signature does not match another secret', () => {
  fc.assert(
    fc.property(message, key, ({ body, key, id }, other) => {
      fc.pre(other !== key)
      assert.ok(!verify(signed(body, { key, id }), [other]))
    }),
    { numRuns: rounds(100) },
  )
})

const toleranceMs = 5 * 60_000
for (const [offsetMs, accepted] of [
  [0, true],
  [toleranceMs, true],
  [-toleranceMs, true],
  [toleranceMs + 1, false],
  [-toleranceMs - 1, false],
] as const) {
  test(`a timestamp ${offsetMs} ms before our clock is ${accepted ? 'accepted' : 'refused'}`, () => {
    assert.equal(verify(signed('{}'), [secret], now + offsetMs), accepted)
  })
}

for (const timestamp of [
  '',
  'now',
  '-1',
  '1e9',
  '1770000000.5',
  ' 1770000000',
  '0x698134C0',
  '17700000000000',
]) {
  test(`the timestamp ${JSON.stringify(timestamp)} is refused even if signed`, () => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const signature = `v1,${createHmac('sha256', key).update(`msg_1.${timestamp}.{}`).digest('base64')}`
    assert.ok(!verify({ id: 'msg_1', timestamp, signature, body: '{}' }))
  })
}

test('rotation: a signature with either configured secret is accepted', () => {
  assert.ok(verify(signed('{}', { key: older }), [secret, older]))
  assert.ok(verify(signed('{}', { key: secret }), [secret, older]))
  assert.ok(!verify(signed('{}', { key: older }), [secret]))
})

test('property: the result equals that of the reference library for any signatures, versions and times', () => {
  // The library reads the real clock; both get times relative to it, far from the limit
  const entry = fc.record({
    version: fc.constantFrom('v1', 'v1', 'v1a', 'v2', ''),
    by: fc.constantFrom(secret, secret, older),
  })
  const offsetMs = fc.constantFrom(0, -240_000, 240_000, -360_000, 360_000)
  const list = fc.array(entry, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(list, offsetMs, fc.json(), (entries, offset, body) => {
      const at = Math.floor((Date.now() + offset) / 1000) * 1000
      const signature = entries
        .map(({ version, by }) => signed(body, { key: by, at }).signature.replace('v1', version))
        .join(' ')
      const request = { ...signed(body, { at }), signature }
      const headers = {
        'webhook-id': request.id,
        'webhook-timestamp': request.timestamp,
        'webhook-signature': signature,
      }
      let expected = true
      try {
        new Webhook(secret).verify(body, headers)
      } catch {
        expected = false
      }
      assert.equal(verify(request, [secret], Date.now()), expected, signature)
    }),
    { numRuns: rounds(300) },
  )
})

test('rotation: one matching signature in the header is enough', () => {
  const right = signed('{}')
  const wrong = signed('{}', { key: older }).signature
  assert.ok(verify({ ...right, signature: `${wrong} ${right.signature}` }))
  assert.ok(verify({ ...right, signature: `v1a,${'A'.repeat(88)} v2,x ${right.signature} ${wrong}` }))
  assert.ok(!verify({ ...right, signature: `${wrong} ${wrong}` }))
})

test('a signature of another version is ignored, even with the right value', () => {
  const { signature, ...rest } = signed('{}')
  for (const version of ['v1a,', 'v2,', 'V1,', '', 'v1', 'v1=']) {
    assert.ok(!verify({ ...rest, signature: signature.replace('v1,', version) }), version)
  }
})

for (const name of ['webhook-id', 'webhook-timestamp']) {
  test(`a request without ${name} is refused`, () => {
    const { id, timestamp, signature, body } = signed('{}')
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp }
    const credentials = { headers: { ...headers, [name]: undefined }, rawBody: Buffer.from(body) }
    const verdict = verifyStandardWebhook(signature, credentials, {
      keys: createSigningKeys([secret]),
      now,
      prefix: 'webhook',
    })
    assert.equal(verdict.accepted, false)
  })
}

test('the signature covers the raw bytes, not the parsed JSON', () => {
  const { body: _, ...rest } = signed('{"a": 1}')
  assert.ok(verify({ ...rest, body: '{"a": 1}' }))
  assert.ok(!verify({ ...rest, body: '{"a":1}' }))
})

test('a plain text secret is used as the key', () => {
  const timestamp = String(now / 1000)
  const signature = `v1,${createHmac('sha256', 'plain text').update(`i.${timestamp}.{}`).digest('base64')}`
  assert.ok(verify({ id: 'i', timestamp, signature, body: '{}' }, ['plain text']))
})

const svix = ({ id, timestamp, signature, body }: Signed, prefix: 'webhook' | 'svix' = 'svix') =>
  verifyStandardWebhook(
    signature,
    { headers: { 'svix-id': id, 'svix-timestamp': timestamp }, rawBody: Buffer.from(body) },
    { keys: createSigningKeys([secret]), now, prefix },
  )

test('the headers of Svix count with their own prefix, not mixed with the others', () => {
  assert.deepEqual(svix(signed('{}')), {
    accepted: true,
    scheme: 'standard_webhooks',
    position: 1,
    signedId: 'msg_1',
  })
  assert.equal(svix(signed('{}'), 'webhook').accepted, false)
  assert.equal(svix(signed('{}', { at: now - toleranceMs - 1_000 })).accepted, false)
  assert.equal(svix({ ...signed('{}'), body: '[]' }).accepted, false)
})

test('a secret counts once, decoded or as it is', () => {
  const signature = `v1,${createHmac('sha256', secret)
    .update(`i.${now / 1000}.{}`)
    .digest('base64')}`
  const credentials = {
    headers: { 'webhook-id': 'i', 'webhook-timestamp': String(now / 1000) },
    rawBody: Buffer.from('{}'),
  }
  for (const [secrets, position] of [
    [[secret, older], 1],
    [[older, secret], 2],
    [['plain text secret', older, secret], 3],
  ] as const) {
    const keys = createSigningKeys(secrets)
    const verdict = verifyStandardWebhook(signature, credentials, { keys, now, prefix: 'webhook' })
    assert.deepEqual(verdict.accepted && verdict.position, position)
  }
})

test('a repeated signature header counts as several signatures', () => {
  const right = signed('{}')
  const wrong = signed('{}', { key: older }).signature
  assert.ok(verify({ ...right, signature: `${wrong}, ${right.signature}` }))
  assert.ok(verify({ ...right, signature: `${right.signature}, ${wrong}` }))
})

test('a repeated id or timestamp is refused', () => {
  const right = signed('{}')
  assert.ok(!verify({ ...right, id: `${right.id}, ${right.id}` }))
  assert.ok(!verify({ ...right, timestamp: `${right.timestamp}, ${right.timestamp}` }))
})

test('only the first 10 signatures of a header are compared', () => {
  const right = signed('{}')
  const wrong = signed('{}', { key: older }).signature
  assert.ok(verify({ ...right, signature: [...Array(9).fill(wrong), right.signature].join(' ') }))
  assert.ok(!verify({ ...right, signature: [...Array(10).fill(wrong), right.signature].join(' ') }))
})

test('property: any header text gives a verdict', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[v1, ]*[A-Za-z0-9+/=]*$/))
  fc.assert(
    fc.property(text, text, text, (id, timestamp, signature) => {
      assert.equal(verify({ id, timestamp, signature, body: '{}' }), false)
    }),
    { numRuns: rounds(150) },
  )
})
