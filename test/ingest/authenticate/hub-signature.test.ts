import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { verifyHubSignature } from '../../../src/ingest/authenticate/hub-signature.ts'
import { createSigningKeys } from '../../../src/ingest/authenticate/signing-keys.ts'
import { rounds } from '../../helpers/rounds.ts'

const digest = (body: Uint8Array, secret: string) => createHmac('sha256', secret).update(body).digest()

const verdictOn = (signature: string, body: Uint8Array, secrets: readonly string[]) =>
  verifyHubSignature(signature, { rawBody: Buffer.from(body) }, createSigningKeys(secrets))

const verify = (signature: string, body: Uint8Array, secrets: readonly string[]): boolean =>
  verdictOn(signature, body, secrets).accepted

const anyBody = fc.uint8Array({ maxLength: 200 })
const anySecret = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !text.startsWith('whsec_'))

test('the example in the GitHub docs is accepted', () => {
  // docs.github.com, "Validating webhook deliveries", section with the test values
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
  assert.ok(verify(signature, Buffer.from('Hello, World!'), ["It's a Secret to Everybody"]))
})

test('property: the HMAC is accepted as hex in either case and as base64', () => {
  fc.assert(
    fc.property(anyBody, anySecret, (body, secret) => {
      const right = digest(body, secret)
      assert.ok(verify(`sha256=${right.toString('hex')}`, body, [secret]))
      assert.ok(verify(`sha256=${right.toString('hex').toUpperCase()}`, body, [secret]))
      assert.ok(verify(`sha256=${right.toString('base64')}`, body, [secret]))
      assert.ok(verify(`sha256=${right.toString('base64')}`, body, ['another', secret]))
    }),
    { numRuns: rounds(200) },
  )
})

test('property: any changed byte of body or signature is refused', () => {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))
  const flip = (bytes: Uint8Array, [offset, mask]: [number, number]): Buffer => {
    const copy = Buffer.from(bytes)
    const at = offset % copy.length
    copy[at] = (copy[at] ?? 0) ^ mask
    return copy
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), anySecret, change, (body, secret, where) => {
      const right = digest(body, secret)
      const wrong = flip(right, where)
      for (const form of ['hex', 'base64'] as const) {
        assert.ok(!verify(`sha256=${wrong.toString(form)}`, body, [secret]))
        assert.ok(!verify(`sha256=${right.toString(form)}`, flip(body, where), [secret]))
      }
    }),
    { numRuns: rounds(300) },
  )
})

const body = Buffer.from('{}')
const right = digest(body, 'key')
for (const [what, signature] of [
  ['an empty text', ''],
  ['no prefix', right.toString('hex')],
  ['another algorithm', `sha1=${right.toString('hex')}`],
  ['half of it', `sha256=${right.toString('hex').slice(0, 32)}`],
  ['more than it', `sha256=${right.toString('hex')}00`],
  ['nothing after the prefix', 'sha256='],
  ['two signatures', `sha256=${right.toString('hex')}, sha256=${right.toString('hex')}`],
] as const) {
  test(`${what} is refused, and the cause names the form`, () => {
    const verdict = verdictOn(signature, body, ['key'])
    assert.ok(!verdict.accepted)
    assert.match(verdict.cause, /is not sha256= and an HMAC-SHA256/)
  })
}

test('a whsec_ secret is tried decoded and as it is', () => {
  const key = Buffer.from('some bytes')
  const secret = `whsec_${key.toString('base64')}`
  for (const signingKey of [key, secret]) {
    const signature = `sha256=${createHmac('sha256', signingKey).update(body).digest('hex')}`
    assert.ok(verify(signature, body, [secret]))
    assert.ok(!verify(signature, body, [secret.slice('whsec_'.length)]))
  }
})
