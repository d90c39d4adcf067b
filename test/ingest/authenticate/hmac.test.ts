import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createHmacSha256 } from '../../../src/ingest/authenticate/signatures.ts'

const expected = (key: Uint8Array, head: string, body: Uint8Array): string =>
  createHmac('sha256', key).update(head).update(body).digest('base64')

test('property: equals the HMAC of Node.js for any key, head and body', () => {
  // The hash block has 64 bytes; longer keys are hashed first.
  const key = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 63, maxLength: 65 }))
  const head = fc.string({ unit: 'binary', maxLength: 100 })
  const body = fc.uint8Array({ maxLength: 5_000 })
  fc.assert(
    fc.property(key, head, body, (key, head, body) => {
      const hmac = createHmacSha256(key)
      for (let time = 1; time <= 2; time += 1) assert.equal(hmac(head, body), expected(key, head, body))
    }),
    { numRuns: 500 },
  )
})

for (const [what, keyLength, head, body] of [
  ['nothing', 0, '', ''],
  ['an empty body', 24, 'id.1.', ''],
  ['a key as long as a block', 64, '', '{}'],
  ['a key longer than a block', 65, '', '{}'],
  ['a large body', 24, 'id.1.', 'x'.repeat(1_048_576)],
] as const) {
  test(`equals the HMAC of Node.js: ${what}`, () => {
    const key = Buffer.alloc(keyLength, 'k')
    assert.equal(createHmacSha256(key)(head, Buffer.from(body)), expected(key, head, Buffer.from(body)))
  })
}

test('two keys do not affect each other', () => {
  const [one, other] = [createHmacSha256(Buffer.from('one')), createHmacSha256(Buffer.from('other'))]
  const body = Buffer.from('{}')
  assert.equal(one('', body), expected(Buffer.from('one'), '', body))
  assert.equal(other('', body), expected(Buffer.from('other'), '', body))
  assert.equal(one('', body), expected(Buffer.from('one'), '', body))
})
