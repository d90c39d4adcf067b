import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { readSignatures, verifyHmacHeader } from '../../../src/ingest/authenticate/hmac-header.ts'
import { createSigningKeys } from '../../../src/ingest/authenticate/signing-keys.ts'
import { rounds } from '../../helpers/rounds.ts'

const now = 1_770_000_000_000
const seconds = now / 1000
const name = 'x-relay-signature'
const body = Buffer.from('{"type":"conversation:created"}')
const secret = 'the-secret-of-the-relay'
const other = 'another-secret-1'
const whsec = `whsec_${Buffer.from('a key of 24 bytes or more').toString('base64')}`

const hmac = (content: string | Buffer, key: string | Buffer = secret) =>
  createHmac('sha256', key).update(content).digest()

function verdictOn(value: string, secrets = [secret], rawBody: Buffer = body) {
  return verifyHmacHeader(value, { rawBody }, { keys: createSigningKeys(secrets), now, name })
}
const isAccepted = (value: string, secrets?: string[], rawBody?: Buffer): boolean =>
  verdictOn(value, secrets, rawBody).accepted

const hex = hmac(body).toString('hex')
const wrong = hmac(body, other).toString('hex')
const timed = (at: number, separator = '.', key: string | Buffer = secret) =>
  hmac(Buffer.concat([Buffer.from(`${at}${separator}`), body]), key).toString('hex')

for (const [what, value] of [
  ['hexadecimal digits', hex],
  ['upper case', hex.toUpperCase()],
  ['base64 (Hookdeck)', hmac(body).toString('base64')],
  ['base64url without padding', hmac(body).toString('base64url')],
  ['sha256= and hexadecimal digits', `sha256=${hex}`],
  ['sha256= and base64', `sha256=${hmac(body).toString('base64')}`],
  ['v0= (Outpost)', `v0=${hex}`],
  ['v0= with a second signature (Outpost)', `v0=${wrong},${hex}`],
  ['a header sent twice, as Node.js joins it', `${wrong}, ${hex}`],
  ['t= and v1= over t.body (Stripe)', `t=${seconds},v1=${timed(seconds)}`],
  ['several v1=', `t=${seconds},v1=${wrong},v1=${timed(seconds)}`],
  ['v1= before t=', `v1=${timed(seconds)},t=${seconds}`],
  ['v1= over t,body (Convoy)', `t=${seconds},v1=${timed(seconds, ',')}`],
  ['t= and v0= with a second signature (older Outpost)', `t=${seconds},v0=${wrong},${timed(seconds)}`],
  ['a time 5 minutes ago', `t=${seconds - 300},v1=${timed(seconds - 300)}`],
  ['a time in 5 minutes', `t=${seconds + 300},v1=${timed(seconds + 300)}`],
] as const) {
  test(`accepted: ${what}`, () => {
    assert.deepEqual(verdictOn(value), { accepted: true, scheme: 'hmac_header', position: 1 })
    assert.equal(isAccepted(value, ['a-third-secret-1']), false, 'another secret')
    assert.equal(isAccepted(value, [secret], Buffer.from(`${body} `)), false, 'another body')
  })
}

for (const [what, value] of [
  ['an empty header', ''],
  ['another secret', wrong],
  ['half a signature', hex.slice(0, 32)],
  ['more than a signature', `${hex}00`],
  ['another algorithm', `sha1=${hex}`],
  ['another version', `v2=${hex}`],
  ['a time more than 5 minutes ago', `t=${seconds - 301},v1=${timed(seconds - 301)}`],
  ['a time more than 5 minutes ahead', `t=${seconds + 301},v1=${timed(seconds + 301)}`],
  ['a time that the signature does not cover', `t=${seconds},v1=${hex}`],
  ['a signature of another time', `t=${seconds},v1=${timed(seconds - 1)}`],
  ['two times', `t=${seconds - 999},t=${seconds},v1=${timed(seconds - 999)}`],
  [
    'a time that is not a number',
    `t=now,v1=${hmac(Buffer.concat([Buffer.from('now.'), body])).toString('hex')}`,
  ],
  ['an empty time', `t=,v1=${hmac(Buffer.concat([Buffer.from('.'), body])).toString('hex')}`],
] as const) {
  test(`refused: ${what}`, () => {
    const verdict = verdictOn(value)
    assert.ok(!verdict.accepted)
    assert.match(verdict.cause, new RegExp(name))
    assert.doesNotMatch(verdict.cause, new RegExp(secret))
  })
}

test('a whsec_ secret is tried as it is (Outpost) and decoded', () => {
  const decoded = Buffer.from(whsec.slice('whsec_'.length), 'base64')
  for (const key of [whsec, decoded])
    for (const value of [
      `v0=${hmac(body, key).toString('hex')}`,
      `t=${seconds},v1=${timed(seconds, '.', key)}`,
    ])
      assert.deepEqual(verdictOn(value, [other, whsec]), {
        accepted: true,
        scheme: 'hmac_header',
        position: 2,
      })
})

test('of several matching signatures, the newest secret counts', () => {
  const both = `v0=${wrong},${hex}`
  assert.deepEqual(verdictOn(both, [secret, other]), { accepted: true, scheme: 'hmac_header', position: 1 })
  assert.deepEqual(verdictOn(both, ['unused-secret-1', other, secret]), {
    accepted: true,
    scheme: 'hmac_header',
    position: 2,
  })
})

test('only the first 10 signatures of a header are compared', () => {
  assert.ok(isAccepted([...Array(9).fill(wrong), hex].join(',')))
  assert.ok(!isAccepted([...Array(10).fill(wrong), hex].join(',')))
})

test('property: any header text is read without an error, with at most 10 signatures', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.stringMatching(/^(t|v0|v1|sha256)=[0-9a-f]{0,64}$/),
    fc.constant(wrong),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const value = parts.join(',')
      const { digests } = readSignatures(value)
      assert.ok(digests.length <= 10 && digests.every(({ length }) => length === 32))
      assert.equal(isAccepted(value), false)
    }),
    { numRuns: rounds(150) },
  )
})
