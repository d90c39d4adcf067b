import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { tokenDigest, verifyToken } from '../../../src/ingest/authenticate/tokens.ts'
import { rounds } from '../../helpers/rounds.ts'

const accepted = ['new-token', 'old-token']
const verify = (headers: Record<string, string | string[]>, tokens = accepted): boolean =>
  verifyToken({ headers, rawBody: Buffer.alloc(0) }, tokens.map(tokenDigest)).accepted

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

for (const [what, headers] of [
  ['a bearer token', { authorization: 'Bearer new-token' }],
  ['an older bearer token, for rotation', { authorization: 'Bearer old-token' }],
  ['a scheme in other letters and with spaces', { authorization: 'bearer   new-token ' }],
  ['an API key', { 'x-api-key': 'old-token' }],
  ['basic with the token as password', { authorization: basic('eventbridge:new-token') }],
  ['basic without a user', { authorization: basic(':new-token') }],
  ['a right API key beside a wrong bearer token', { authorization: 'Bearer x', 'x-api-key': 'new-token' }],
] as const) {
  test(`${what} is accepted`, () => assert.equal(verify(headers), true))
}

for (const [what, headers] of [
  ['nothing', {}],
  ['another token', { authorization: 'Bearer another' }],
  ['the token without a scheme', { authorization: 'new-token' }],
  ['the token under another scheme', { authorization: 'Token new-token' }],
  ['a prefix of the token', { authorization: 'Bearer new-toke' }],
  ['the token and more', { authorization: 'Bearer new-tokens' }],
  ['the token in other letters', { authorization: 'Bearer NEW-TOKEN' }],
  ['both tokens at once', { 'x-api-key': 'new-token,old-token' }],
  ['the token as the user of basic', { authorization: basic('new-token:') }],
  ['basic without a colon', { authorization: basic('new-token') }],
  ['basic that is not base64', { authorization: 'Basic %%%' }],
  ['an API key sent twice', { 'x-api-key': ['new-token', 'new-token'] }],
] as const) {
  test(`${what} is refused`, () => assert.equal(verify(headers as Record<string, string>), false))
}

test('a password may contain colons and non-ASCII characters', () => {
  assert.ok(verify({ authorization: basic('user:pä:ss') }, ['pä:ss']))
})

test('property: a token is accepted in all three forms, any other text in none', () => {
  const text = fc.string({ unit: fc.constantFrom(...'abcABC0189-._~+/='), minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(text, text, (token, other) => {
      for (const form of [
        { authorization: `Bearer ${token}` },
        { 'x-api-key': token },
        { authorization: basic(`any user:${token}`) },
      ]) {
        assert.ok(verify(form, [token]))
        assert.equal(verify(form, [other]), token === other)
      }
    }),
    { numRuns: rounds(300) },
  )
})
